import IOMMU

/// The hardware's walk through a guest's translation table.
///
/// It is written from the formats alone and shares no code with the driver's side, so that a
/// mistake there shows here. Sources: QEMU hw/s390x/s390-pci-bus.c (`table_translate`,
/// `s390_guest_io_table_walk`) and include/hw/s390x/s390-pci-bus.h (`ZPCI_TABLE_…`, `ZPCI_PTE_…`);
/// Linux arch/s390/include/asm/pci_dma.h. Three levels: a region-third table whose entries cover
/// 2 GiB, segment tables whose entries cover 1 MiB, page tables of 256 entries.
struct TableWalk {
  let memory: MachineMemory

  /// The origin of the region-third table.
  private let origin: UInt64

  /// Whether the whole table is protected by its designation.
  private let isProtected: Bool

  /// A walk from `designation`, which is one that ``designationFault(_:)`` has no fault to find
  /// with.
  init(designation: UInt64, memory: MachineMemory) {
    self.memory = memory
    origin = designation & ~0x3fff
    isProtected = designation & Self.protection != 0
  }

  static let invalid: UInt64 = 0x20
  static let protection: UInt64 = 0x200
  static let pageInvalid: UInt64 = 0x400
  static let largeFrame: UInt64 = 0x400

  /// What is wrong with a designation for translation: the hardware takes one bit for "translate"
  /// (0x800) and, of the table types, region third alone (1 in bits 4 to 2).
  static func designationFault(_ designation: UInt64) -> TranslationFault? {
    let isTranslating = designation & 0x800 != 0
    let type = designation &>> 2 & 7
    if isTranslating && type == 1 && designation & ~0x3fff != 0 { return nil }
    return .designation(designation)
  }

  /// What the two upper levels say about a mebibyte.
  enum Segment: Equatable {
    /// A page table at this origin.
    case table(UInt64, isProtected: Bool)
    /// One frame of a mebibyte at this address.
    case frame(UInt64, isProtected: Bool)
    /// Nothing: the entry of this level (1 or 2) is invalid.
    case none(UInt64, level: Int)
    /// The walk cannot go on.
    case fault(TranslationFault)
  }

  /// What a leaf says about a page.
  enum Page: Equatable {
    /// A translation.
    case translation(CachedTranslation)
    /// Nothing: the entry of this level is invalid.
    case none(UInt64, level: Int)
    /// The walk cannot go on.
    case fault(TranslationFault)
  }

  /// Looks up the mebibyte that holds `iova`.
  func segment(of iova: UInt64) -> Segment {
    let regionPlace = origin &+ (iova &>> 31 & 0x7ff) &* 8
    guard let region = entry(at: regionPlace) else {
      return .fault(.tableOutsideMemory(.init(regionPlace)))
    }
    if region == 0 { return .fault(.malformedEntry(0, level: 2)) }
    if region & Self.invalid != 0 { return .none(region, level: 2) }
    // Table type 01, full length, no offset; anything else the hardware refuses.
    if region & 0xc != 0x4 || region & 0x3 != 0x3 || region & 0xc0 != 0 || region & ~0x3fff == 0 {
      return .fault(.malformedEntry(region, level: 2))
    }
    let segmentPlace = region & ~0x3fff &+ (iova &>> 20 & 0x7ff) &* 8
    guard let segment = entry(at: segmentPlace) else {
      return .fault(.tableOutsideMemory(.init(segmentPlace)))
    }
    if segment == 0 { return .fault(.malformedEntry(0, level: 1)) }
    if segment & Self.invalid != 0 { return .none(segment, level: 1) }
    if segment & 0xc != 0 { return .fault(.malformedEntry(segment, level: 1)) }
    let isProtected = isProtected || (region | segment) & Self.protection != 0
    if segment & Self.largeFrame != 0 {
      return .frame(segment & ~0xf_ffff, isProtected: isProtected)
    }
    if segment & ~0x7ff == 0 { return .fault(.malformedEntry(segment, level: 1)) }
    return .table(segment & ~0x7ff, isProtected: isProtected)
  }

  /// Looks up the page that holds `iova` in the mebibyte that `segment` describes.
  func page(of iova: UInt64, in segment: Segment) -> Page {
    switch segment {
    case .table(let table, let isProtected):
      let place = table &+ (iova &>> 12 & 0xff) &* 8
      guard let leaf = entry(at: place) else {
        return .fault(.tableOutsideMemory(.init(place)))
      }
      // Bit 52 of a page-table entry must be zero, and an entry of zeros names page 0.
      if leaf == 0 || leaf & 0x800 != 0 { return .fault(.malformedEntry(leaf, level: 0)) }
      if leaf & Self.pageInvalid != 0 { return .none(leaf, level: 0) }
      let isWritable = !isProtected && leaf & Self.protection == 0
      return .translation(CachedTranslation(physical: leaf & ~0xfff, isWritable: isWritable))
    case .frame(let frame, let isProtected):
      return .translation(
        CachedTranslation(physical: frame | iova & 0xf_f000, isWritable: !isProtected))
    case .none(let entry, let level):
      return .none(entry, level: level)
    case .fault(let fault):
      return .fault(fault)
    }
  }

  /// Looks up the page that holds `iova`, from the root.
  func page(of iova: UInt64) -> Page {
    page(of: iova, in: segment(of: iova))
  }

  private func entry(at place: UInt64) -> UInt64? {
    if !memory.bytes.contains(place, byteCount: 8) { return nil }
    return UInt64(bigEndian: memory.bytes.load64(place))
  }
}
