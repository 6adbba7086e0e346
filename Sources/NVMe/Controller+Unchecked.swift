package import IOMMU

/// A command for whose address nobody answers: how a check finds out what a device can reach.
extension NVMeController {
  /// Queues a read or write of one page at `device`, and maps nothing for it.
  ///
  /// The page is what the controller reaches through whatever translation it finds; where it finds
  /// none, the function goes into error state and the command is never completed. After a reset
  /// that has commands wait, this one comes back as a flush. Throws: `noQueue`, `outOfRange`,
  /// `wrongState`, `queueFull`; nothing is queued then. Complexity: constant. Allocates: never.
  package func submitUnchecked(
    queue: Int, _ kind: NVMeUncheckedKind, lba: UInt64, at device: IOVA, tag: UInt64
  ) throws(NVMeError) {
    try checkQueue(queue)
    let blocks = PRPList.pageBytes >> UInt64(information.blockLog2)
    if lba >= information.blockCount || blocks > information.blockCount - lba {
      throw .outOfRange(
        lba: lba, blocks: UInt32(truncatingIfNeeded: blocks), capacity: information.blockCount)
    }
    var command = NVMeCommand(opcode: kind == .read ? NVMeOpcode.read : NVMeOpcode.write)
    command.namespace = options.namespace
    command.prp1 = device.alignedDown(log2: PRPList.pageLog2).rawValue
    command.dword10 = UInt32(truncatingIfNeeded: lba)
    command.dword11 = UInt32(truncatingIfNeeded: lba >> 32)
    command.dword12 = UInt32(truncatingIfNeeded: blocks) - 1

    locks[queue].lock()
    defer { locks[queue].unlock() }
    if state != .running { throw .wrongState(state) }
    guard let slot = queues[queue].nextSlot else {
      throw .queueFull(queue: queue, slots: queues[queue].slotLimit)
    }
    queues[queue].occupy(
      slot,
      with: NVMeRequest(
        kind: .flush, lba: 0, blocks: 0, buffer: nil, tag: tag,
        deadline: Instant(nanoseconds: .max)))
    queues[queue].enqueue(
      PreparedCommand(command: command, mapping: .none), slot: slot, in: memory)
  }
}

/// What ``NVMeController/submitUnchecked(queue:_:lba:at:tag:)`` asks for.
package enum NVMeUncheckedKind: Sendable {
  /// The controller writes memory.
  case read
  /// The controller reads memory.
  case write
}
