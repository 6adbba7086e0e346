public import IOMMU

/// Why a driver's operation did not happen, or what it found out.
public enum NVMeError: Error, Equatable {
  /// The function is gone. It reaches nothing; what the call had in flight was unmapped.
  case functionGone
  /// The function is in error state and answers nothing; a reset with recovery brings it back.
  case functionInError
  /// A register access was refused: its condition code and status as the architecture tells them.
  case refused(conditionCode: UInt8, status: UInt8)
  /// The controller did not do `what` in the time it promised, or within the polls allowed.
  case timeout(NVMeWait, polls: UInt32)
  /// The controller says that it had a fatal error: CSTS.CFS.
  case controllerFatal(status: UInt32)
  /// The controller cannot be driven: CAP asks for larger pages, or lacks the NVM command set.
  case unsupportedController(capabilities: UInt64)
  /// The namespace cannot be used: it has no blocks, or blocks outside 512 bytes to 4 KiB.
  case unsupportedNamespace(blocks: UInt64, blockLog2: UInt8)
  /// After a reset the controller offers fewer or smaller queues than are in use.
  case fewerQueues(offered: Int, needed: Int)
  /// An admin command failed.
  case admin(opcode: UInt8, NVMeStatus)
  /// The buffer or a queue could not be mapped, or the mappings could not be announced.
  case map(MapError)
  /// All slots of the queue are taken; nothing was mapped.
  case queueFull(queue: Int, slots: Int)
  /// There is no such queue.
  case noQueue(Int)
  /// The blocks are not all on the namespace, or there are none.
  case outOfRange(lba: UInt64, blocks: UInt32, capacity: UInt64)
  /// The buffer does not hold exactly the blocks.
  case wrongLength(buffer: PhysicalRange, expected: UInt64)
  /// The transfer is larger than the controller or the driver's lists allow.
  case tooLong(byteCount: UInt64, maximum: UInt64)
  /// The buffer, or the address it was mapped at, is not a multiple of 4 bytes.
  case misaligned(UInt64)
  /// The controller completed commands that were not in flight; they were counted and passed over.
  case badCompletion(queue: Int, identifier: UInt16)
  /// The controller's state does not allow the operation.
  case wrongState(NVMeState)

  /// The same as a register access told it.
  @usableFromInline
  init(_ error: PCIAccessError) {
    switch error {
    case .functionGone: self = .functionGone
    case .functionInError: self = .functionInError
    case .refused(let conditionCode, let status):
      self = .refused(conditionCode: conditionCode, status: status)
    }
  }
}

/// What the driver waits for.
public enum NVMeWait: Equatable, Sendable {
  /// CSTS.RDY becoming 1.
  case ready
  /// CSTS.RDY becoming 0.
  case notReady
  /// CSTS.SHST telling that the shutdown is complete.
  case shutdown
  /// The completion of an admin command.
  case admin(opcode: UInt8)
}

/// How far a controller is.
public enum NVMeState: Equatable, Sendable {
  /// It does no DMA: it was never started, or it was stopped.
  case stopped
  /// It takes commands.
  case running
  /// Its function is in error state: it reaches nothing until it is recovered, then perhaps all
  /// that was mapped before.
  case inError
  /// It would not stop; it may still use whatever is mapped.
  case unresponsive
  /// Its function is gone and reaches nothing any more.
  case gone

  @usableFromInline
  var code: UInt8 {
    switch self {
    case .stopped: 0
    case .running: 1
    case .inError: 2
    case .unresponsive: 3
    case .gone: 4
    }
  }

  @usableFromInline
  init(code: UInt8) {
    switch code {
    case 0: self = .stopped
    case 1: self = .running
    case 2: self = .inError
    case 3: self = .unresponsive
    default: self = .gone
    }
  }
}
