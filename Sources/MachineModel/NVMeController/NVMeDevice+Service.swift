import DequeModule
import IOMMU
import NVMe

extension NVMeDevice {
  /// Takes up an I/O command: checks it, and gives it a channel or lets it wait for one.
  func begin(_ command: NVMeFetched, queue: Int) {
    let index = freeWorks.popLast() ?? appendWork()
    works[index].queue = queue
    works[index].opcode = command.opcode
    works[index].identifier = command.identifier
    works[index].lba = UInt64(command.dword10) | UInt64(command.dword11) << 32
    works[index].blocks = 0
    works[index].stage = .waiting
    if let status = check(command, index) {
      end(index, status)
      return
    }
    waitingWorks.append(index)
    fillChannels()
  }

  private func appendWork() -> Int {
    works.append(NVMeWork())
    return works.count - 1
  }

  /// What is wrong with the command, or `nil`; its pieces are listed then.
  private func check(_ command: NVMeFetched, _ index: Int) -> NVMeStatus? {
    if command.namespace != 1
      && !(command.opcode == NVMeOpcode.flush && command.namespace == .max)
    {
      return .invalidNamespace
    }
    switch command.opcode {
    case NVMeOpcode.flush: return nil
    case NVMeOpcode.read, NVMeOpcode.write: break
    default: return .invalidOpcode
    }
    if !command.usesPointers { return .invalidField }
    let lba = works[index].lba
    let blocks = Int(command.dword12 & 0xffff) + 1
    if blocks << Int(geometry.blockLog2) > geometry.transferBytes { return .invalidField }
    if lba >= geometry.blockCount || UInt64(blocks) > geometry.blockCount - lba {
      return .outOfRange
    }
    works[index].blocks = blocks
    return walk(
      command.prp1, command.prp2, byteCount: blocks << Int(geometry.blockLog2),
      into: &works[index].pieces)
  }

  /// Starts waiting commands while channels are free.
  private func fillChannels() {
    while busyChannels < service.channels, let index = waitingWorks.popFirst() {
      busyChannels += 1
      works[index].stage = .medium
      let opcode = works[index].opcode
      var duration: UInt64
      switch opcode {
      case NVMeOpcode.read: duration = varied(service.readNanoseconds)
      case NVMeOpcode.write:
        // What is written has to be on this side before the medium can begin.
        duration =
          varied(service.writeNanoseconds) + transferEnd(index) - environment.now.nanoseconds
      default: duration = varied(service.flushNanoseconds)
      }
      if opcode != NVMeOpcode.read { duration &+= environment.injectedDelay().rawValue }
      works[index].event = environment.schedule(
        after: Nanoseconds(duration), token: Token.firstWork + UInt64(index))
    }
  }

  /// Takes a command to its next stage, as its event is due.
  func proceed(_ index: Int) {
    works[index].event = nil
    switch works[index].stage {
    case .free, .waiting: return
    case .medium:
      busyChannels -= 1
      if works[index].opcode == NVMeOpcode.read {
        works[index].stage = .transfer
        let delay =
          transferEnd(index) - environment.now.nanoseconds
          &+ environment.injectedDelay().rawValue
        if delay == 0 {
          finish(index)
        } else {
          works[index].event = environment.schedule(
            after: Nanoseconds(delay), token: Token.firstWork + UInt64(index))
        }
      } else {
        finish(index)
      }
      fillChannels()
    case .transfer:
      finish(index)
    }
  }

  /// When the bus will have moved the command's data, which it takes in hand now.
  private func transferEnd(_ index: Int) -> UInt64 {
    let byteCount = UInt64(works[index].blocks << Int(geometry.blockLog2))
    let (picoseconds, overflow) = byteCount.multipliedReportingOverflow(
      by: service.transferPicosecondsPerByte)
    precondition(!overflow, "a byte's transfer takes less than hours")
    busFree = max(busFree, environment.now.nanoseconds) &+ picoseconds / 1_000
    return busFree
  }

  /// A service time around `nanoseconds`, evenly spread by ``NVMeService/jitterThousandths``.
  private func varied(_ nanoseconds: UInt64) -> UInt64 {
    let (product, overflow) = nanoseconds.multipliedReportingOverflow(by: service.jitterThousandths)
    let spread = overflow ? nanoseconds : min(product / 1_000, nanoseconds)
    if spread == 0 { return nanoseconds }
    return nanoseconds - spread &+ random.next(below: 2 * spread + 1)
  }

  /// Moves the data and completes the command.
  private func finish(_ index: Int) {
    do throws(DMAFault) {
      switch works[index].opcode {
      case NVMeOpcode.read:
        try moveOut(index)
        totals.reads += 1
      case NVMeOpcode.write:
        try moveIn(index)
        totals.writes += 1
      default: totals.flushes += 1
      }
      end(index, .success)
    } catch {
      totals.memoryFaults += 1
      end(index, .dataTransferError)
    }
  }

  /// Writes the blocks of a read to memory.
  private func moveOut(_ index: Int) throws(DMAFault) {
    var words = scratch.mutableSpan
    for block in 0..<works[index].blocks {
      media.read(works[index].lba + UInt64(block), into: &words, at: block * media.wordsPerBlock)
    }
    try send(to: works[index].pieces)
  }

  /// Reads the blocks of a write from memory; they are stored only when all are here.
  private func moveIn(_ index: Int) throws(DMAFault) {
    try receive(from: works[index].pieces)
    for block in 0..<works[index].blocks {
      media.write(
        works[index].lba + UInt64(block), from: scratch.span, at: block * media.wordsPerBlock)
    }
  }

  /// Completes the command and frees its place.
  private func end(_ index: Int, _ status: NVMeStatus) {
    let queue = works[index].queue
    let identifier = works[index].identifier
    release(index)
    complete(queue: queue, identifier: identifier, status: status, result: 0)
  }

  /// Frees a command's place.
  func release(_ index: Int) {
    works[index].stage = .free
    works[index].event = nil
    freeWorks.append(index)
  }
}
