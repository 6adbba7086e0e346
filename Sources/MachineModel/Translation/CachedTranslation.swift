/// What an IOTLB or a shadow remembers of one page, in 32 bits.
///
/// Bit 0: there is a translation; bit 1: the device may write; bits 2 to 31: the page's number in
/// memory. The last number stands for every page outside memory, of which a machine has no use but
/// to know that an access must fail.
struct CachedTranslation: Equatable, BitwiseCopyable {
  let rawValue: UInt32

  /// No translation.
  static var none: CachedTranslation { CachedTranslation(rawValue: 0) }

  private static var outside: UInt64 { (1 << 30) - 1 }

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The page of memory at `physical`.
  init(physical: UInt64, isWritable: Bool) {
    let page = min(physical &>> 12, Self.outside)
    rawValue = UInt32(page &<< 2) | (isWritable ? 3 : 1)
  }

  var isValid: Bool { rawValue & 1 != 0 }
  var isWritable: Bool { rawValue & 2 != 0 }

  /// The page's first byte in memory.
  var physical: UInt64 { UInt64(rawValue &>> 2) &<< 12 }
}
