import IOMMU
import NVMe
import Workloads
import ZPCI

/// A page of memory that eight blocks of a disk go to or come from.
struct DiskPage {
  static var blocks: UInt64 { 8 }

  let range: PhysicalRange
  let memory: PhysicalMemory

  init(_ memory: PhysicalMemory) throws(Failure) {
    self.memory = memory
    do throws(TableMemoryError) {
      range = try memory.allocateBuffer(byteCount: 4_096)
    } catch {
      throw .memory(error)
    }
  }

  /// Fills the page with version `version` of the blocks from `lba` on.
  func fill(lba: UInt64, version: UInt64) {
    for block in 0..<Self.blocks {
      BlockPattern.write(lba: lba + block, version: version, to: memory, at: place(block))
    }
  }

  /// Fills the page with what is no block's.
  func spoil() {
    for block in 0..<Self.blocks { BlockPattern.spoil(memory, at: place(block)) }
  }

  /// How many of the blocks are version `version` of those from `lba` on.
  func matching(lba: UInt64, version: UInt64) -> UInt64 {
    var count: UInt64 = 0
    for block in 0..<Self.blocks
    where BlockPattern.isRight(lba: lba + block, version: version, in: memory, at: place(block)) {
      count += 1
    }
    return count
  }

  /// Whether nothing was written since ``spoil()``.
  var isSpoiled: Bool {
    for word in 0..<UInt64(512) {
      let place = PhysicalAddress(range.first.rawValue + word * 8)
      if memory.loadLittle64(at: place) != 0xdbdb_dbdb_dbdb_dbdb { return false }
    }
    return true
  }

  private func place(_ block: UInt64) -> PhysicalAddress {
    PhysicalAddress(range.first.rawValue + block * BlockPattern.blockBytes)
  }
}

/// Single commands.
extension FunctionBench where Instructions == CheckInstructions {
  /// Tells the device an address behind its domain's back: true where it did the command; false
  /// where the function went into error state, from which it is brought back.
  func tell(
    _ driver: CheckDriver, _ kind: NVMeUncheckedKind, lba: UInt64, at address: IOVA
  ) throws(Failure) -> Bool {
    if try attempt(driver, kind, lba: lba, at: address) { return true }
    try recover(driver, .fail) { _ in }
    return false
  }

  /// The same, but the function is left in error state.
  func attempt(
    _ driver: CheckDriver, _ kind: NVMeUncheckedKind, lba: UInt64, at address: IOVA
  ) throws(Failure) -> Bool {
    var outcome: NVMeOutcome?
    try driving { () throws(NVMeError) in
      try driver.submitUnchecked(queue: 0, kind, lba: lba, at: address, tag: 1)
      try driver.ringDoorbell(queue: 0) { _ in }
    }
    let start = timer.now()
    while timer.now().since(start) < Wait.patience {
      try driving { () throws(NVMeError) in
        _ = try driver.poll(queue: 0) { outcome = $0.outcome }
      }
      if let outcome { return outcome == .success }
      if !answers { return false }
    }
    throw .stuck
  }

  /// Whether the controller's registers answer.
  var answers: Bool {
    do throws(PCIAccessError) {
      _ = try function.read32(bar: 0, offset: NVMeRegister.status, on: .boot)
      return true
    } catch {
      return false
    }
  }

  /// Reads the disk in the ordinary way.
  func read(_ driver: CheckDriver, lba: UInt64, into page: DiskPage) throws(Failure) {
    var isDone = false
    try driving { () throws(NVMeError) in
      try driver.submitRead(
        queue: 0, lba: lba, blocks: UInt32(DiskPage.blocks), buffer: page.range, tag: 2)
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
}
