import IOMMU
import NVMe
import Workloads
import ZPCI

/// Telling the device an address behind the domain's back, and looking where the data went.
extension StaleWindow {
  private var blocks: UInt64 { 8 }

  /// Has the device read or write the page at `address`; a function that goes into error state is
  /// recovered.
  ///
  /// `version` makes the data another one each time.
  func tell(
    _ address: IOVA, _ kind: NVMeUncheckedKind, version: UInt64
  ) throws(Failure) -> Reach {
    let page = pages.page.first
    // What the disk holds there in the beginning, or what only this page holds.
    let lba = kind == .read ? version * blocks : 16_384
    for block in 0..<blocks {
      let place = PhysicalAddress(page.rawValue + block * BlockPattern.blockBytes)
      if kind == .read {
        BlockPattern.spoil(bench.memory, at: place)
      } else {
        BlockPattern.write(lba: lba + block, version: 100 + version, to: bench.memory, at: place)
      }
    }
    let isDone = try submit(kind, lba: lba, at: address)
    var right: UInt64
    if kind == .read {
      right = matching(lba: lba, version: 0, in: page)
      // Nothing at all may have been written where the command was refused.
      if !isDone && !isSpoiled(page) { right = blocks }
    } else {
      try readDisk(lba)
      right = matching(lba: lba, version: 100 + version, in: pages.mirror.first)
    }
    if isDone { return right == blocks ? .moved : .torn }
    return right == 0 ? .refused : .torn
  }

  /// Whether the command was done; where it was not, the function went into error state and is back.
  private func submit(
    _ kind: NVMeUncheckedKind, lba: UInt64, at address: IOVA
  ) throws(Failure) -> Bool {
    var outcome: NVMeOutcome?
    try driving { () throws(NVMeError) in
      try driver.submitUnchecked(queue: 0, kind, lba: lba, at: address, tag: 1)
      try driver.ringDoorbell(queue: 0) { _ in }
    }
    let start = timer.now()
    while outcome == nil {
      try driving { () throws(NVMeError) in
        _ = try driver.poll(queue: 0) { outcome = $0.outcome }
      }
      if outcome == nil && !answers {
        try bench.recover(driver, .fail) { outcome = $0.outcome }
      }
      if timer.now().since(start) > Wait.patience { throw .stuck }
    }
    return outcome == .success
  }

  /// Whether the controller's registers answer.
  private var answers: Bool {
    do throws(PCIAccessError) {
      _ = try bench.function.read32(bar: 0, offset: NVMeRegister.status, on: .boot)
      return true
    } catch {
      return false
    }
  }

  /// Reads the disk in the ordinary way.
  private func readDisk(_ lba: UInt64) throws(Failure) {
    var isDone = false
    try driving { () throws(NVMeError) in
      try driver.submitRead(
        queue: 0, lba: lba, blocks: UInt32(blocks), buffer: pages.mirror, tag: 2)
      try driver.ringDoorbell(queue: 0) { _ in }
    }
    let start = timer.now()
    while !isDone {
      try driving { () throws(NVMeError) in
        _ = try driver.poll(queue: 0) { isDone = $0.outcome == .success }
      }
      if timer.now().since(start) > Wait.patience { throw .stuck }
    }
  }

  /// How many of the page's blocks hold that version of what belongs there.
  private func matching(lba: UInt64, version: UInt64, in page: PhysicalAddress) -> UInt64 {
    var count: UInt64 = 0
    for block in 0..<blocks {
      let place = PhysicalAddress(page.rawValue + block * BlockPattern.blockBytes)
      if BlockPattern.isRight(lba: lba + block, version: version, in: bench.memory, at: place) {
        count += 1
      }
    }
    return count
  }

  private func isSpoiled(_ page: PhysicalAddress) -> Bool {
    for word in 0..<UInt64(512) {
      let place = PhysicalAddress(page.rawValue + word * 8)
      if bench.memory.loadLittle64(at: place) != 0xdbdb_dbdb_dbdb_dbdb { return false }
    }
    return true
  }
}
