public import IOMMU

/// The two pointers of a command's data (NVM Express Base Specification 2.2, figure 92, DPTR).
@frozen
public struct NVMeDataPointers: Equatable, Sendable, BitwiseCopyable {
  /// PRP Entry 1: the first byte of the data.
  public let prp1: UInt64

  /// PRP Entry 2: the second page, or a list of pages, or zero.
  public let prp2: UInt64

  @usableFromInline
  init(prp1: UInt64, prp2: UInt64) {
    self.prp1 = prp1
    self.prp2 = prp2
  }
}

/// Physical region pages: how a transfer's pages are told to the controller (figures 109 to 112).
///
/// One page needs PRP 1 alone, two need both. More need a list: 8 bytes for every page but the
/// first. A list that goes on in another page has that page's address as its last entry.
public enum PRPList {
  /// The page size the controller is told (CC.MPS), as a binary logarithm.
  @inlinable
  public static var pageLog2: UInt8 { 12 }

  /// The bytes of a page.
  @inlinable
  public static var pageBytes: UInt64 { 4096 }

  /// The entries that a page of a list holds.
  @inlinable
  public static var entriesPerPage: UInt64 { 512 }

  /// The list pages that any transfer of up to `byteCount` bytes can need, however it is aligned.
  public static func listPages(forTransfersUpTo byteCount: UInt64) -> Int {
    // An unaligned transfer touches one page more; the first page is not in the list.
    let entries = byteCount / pageBytes + (byteCount % pageBytes == 0 ? 0 : 1)
    if entries < 2 { return 0 }
    if entries <= entriesPerPage { return 1 }
    // Every page but the last gives up one entry for the address of the next.
    let chained = entriesPerPage - 1
    return 1 + Int((entries - entriesPerPage + chained - 1) / chained)
  }

  /// Makes the pointers for the data at `device`, and writes the list where one is needed.
  ///
  /// `list` and `listDevice` are where processor and device find the slot's list pages, of which
  /// there are ``listPages(forTransfersUpTo:)``. No address can wrap: `device` is a range, and the
  /// pages of its last byte's page lie below the top.
  /// Complexity: linear in the number of pages. Allocates: never.
  @inlinable
  public static func make<Memory: BufferMemory>(
    for device: IOVARange, list: PhysicalAddress, listDevice: IOVA, in memory: Memory
  ) -> NVMeDataPointers {
    let first = device.first.rawValue
    let firstPage = device.first.alignedDown(log2: pageLog2).rawValue
    let lastPage = device.last.alignedDown(log2: pageLog2).rawValue
    if firstPage == lastPage { return NVMeDataPointers(prp1: first, prp2: 0) }
    var page = firstPage &+ pageBytes
    if page == lastPage { return NVMeDataPointers(prp1: first, prp2: page) }

    var entry: UInt64 = 0
    while true {
      let isLastOfListPage = entry % entriesPerPage == entriesPerPage &- 1
      if isLastOfListPage && page != lastPage {
        let next = listDevice.rawValue &+ (entry &+ 1) &* 8
        memory.storeLittle64(next, at: PhysicalAddress(list.rawValue &+ entry &* 8))
        entry &+= 1
        continue
      }
      memory.storeLittle64(page, at: PhysicalAddress(list.rawValue &+ entry &* 8))
      if page == lastPage { break }
      page &+= pageBytes
      entry &+= 1
    }
    return NVMeDataPointers(prp1: first, prp2: listDevice.rawValue)
  }
}
