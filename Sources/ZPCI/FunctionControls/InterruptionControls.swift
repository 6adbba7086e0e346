public import IOMMU

/// Where a function's message interruptions go: a bit vector, and a summary bit for it.
///
/// A function that writes number n to the message address sets bit `vectorOffset + n` of the
/// vector; if the summary bit was 0, it becomes 1 and an adapter interruption of the subclass
/// follows. Bits count from the most significant one of the byte at the address.
///
/// The word at offset 40: subclass in bits 30…28, count in 27…16, vector offset in 13…8, summary
/// wanted in 7, summary offset in 5…0.
///
/// Source: Linux arch/s390/include/asm/pci_insn.h, `struct zpci_fib_fmt0`, and
/// arch/s390/pci/pci_irq.c, `zpci_set_airq`; QEMU include/hw/s390x/s390-pci-inst.h, `FIB_DATA_*`,
/// and hw/s390x/s390-pci-bus.c, `s390_msi_ctrl_write`.
public struct InterruptionControls: Equatable, Sendable {
  /// The interruption subclass, 0 to 7.
  public var subclass: UInt8 = 0

  /// The number of interruptions, up to 4095.
  public var count: UInt16 = 0

  /// The address of the bit vector: a multiple of 8.
  public var vector = PhysicalAddress(0)

  /// The first bit that belongs to the function, 0 to 63.
  public var vectorOffset: UInt8 = 0

  /// Whether the summary bit is to be set and an interruption to be made.
  public var wantsSummary = false

  /// The address of the doubleword with the summary bit: a multiple of 8.
  public var summary = PhysicalAddress(0)

  /// The summary bit in its doubleword, 0 to 63.
  public var summaryOffset: UInt8 = 0

  /// No interruptions; set what there is.
  public init() {}

  init(word: UInt32, vector: PhysicalAddress, summary: PhysicalAddress) {
    subclass = UInt8(truncatingIfNeeded: word >> 28 & 0x7)
    count = UInt16(truncatingIfNeeded: word >> 16 & 0xfff)
    self.vector = vector
    vectorOffset = UInt8(truncatingIfNeeded: word >> 8 & 0x3f)
    wantsSummary = word & 0x80 != 0
    self.summary = summary
    summaryOffset = UInt8(truncatingIfNeeded: word & 0x3f)
  }

  /// The word at offset 40; what does not fit its field is cut off.
  public var word: UInt32 {
    UInt32(subclass & 0x7) << 28 | UInt32(count & 0xfff) << 16
      | UInt32(vectorOffset & 0x3f) << 8 | (wantsSummary ? 0x80 : 0)
      | UInt32(summaryOffset & 0x3f)
  }
}
