import IOMMU
import NVMe

/// Telling the device an address behind the domain's back, and looking where the data went.
extension StaleWindow {
  /// Has the device read or write the page at `address`.
  ///
  /// `version` makes the data another one each time.
  func tell(
    _ address: IOVA, _ kind: NVMeUncheckedKind, version: UInt64
  ) throws(Failure) -> Reach {
    let all = DiskPage.blocks
    switch kind {
    case .read:
      // What the disk holds there from the beginning.
      let lba = version * all
      pages.page.spoil()
      if try bench.tell(driver, .read, lba: lba, at: address) {
        return pages.page.matching(lba: lba, version: 0) == all ? .moved : .torn
      }
      return pages.page.isSpoiled ? .refused : .torn
    case .write:
      // What nothing but this page holds. A write that is refused may spoil the disk's blocks all
      // the same; what matters is that memory did not get there.
      let lba: UInt64 = 16_384
      pages.page.fill(lba: lba, version: 100 + version)
      let isDone = try bench.tell(driver, .write, lba: lba, at: address)
      try bench.read(driver, lba: lba, into: pages.mirror)
      switch pages.mirror.matching(lba: lba, version: 100 + version) {
      case all: return isDone ? .moved : .torn
      case 0: return isDone ? .torn : .refused
      default: return .torn
      }
    }
  }
}
