internal import IOMMU

extension NVMeController {
  /// Runs one admin command and waits for its end; answers dword 0 of its completion.
  ///
  /// Throws: `admin` where the controller completed it with an error; `timeout`; what an access
  /// threw. After a time-out the command's memory stays in use until the controller has stopped.
  func runAdmin<Clock: MonotonicClock>(
    _ command: NVMeCommand, clock: Clock, pause: () -> Void
  ) throws(NVMeError) -> UInt32 {
    guard let slot = admin.nextSlot else { throw .queueFull(queue: -1, slots: admin.slotLimit) }
    admin.occupy(
      slot,
      with: NVMeRequest(
        kind: .flush, lba: 0, blocks: 0, buffer: nil, tag: 0, deadline: Instant(nanoseconds: .max)))
    admin.enqueue(PreparedCommand(command: command, mapping: .none), slot: slot, in: memory)
    try write(
      UInt32(admin.tail),
      NVMeRegister.submissionTail(queue: 0, stride: capabilities.doorbellStride))
    admin.markRung()

    let start = clock.now()
    var polls: UInt32 = 0
    while true {
      switch admin.reapNext(in: memory) {
      case .command(let retired, let result):
        let outcome = retired.outcome
        try write(
          UInt32(admin.head),
          NVMeRegister.completionHead(queue: 0, stride: capabilities.doorbellStride))
        if case .failed(let status) = outcome { throw .admin(opcode: command.opcode, status) }
        return result
      case .bad(let identifier):
        throw .badCompletion(queue: -1, identifier: identifier)
      case .nothing:
        polls += 1
        if polls >= options.pollLimit || clock.now().since(start) > options.adminTimeout {
          throw .timeout(.admin(opcode: command.opcode), polls: polls)
        }
        pause()
      }
    }
  }

  /// Asks what the controller and its namespace are.
  ///
  /// Identify, figures 307 to 311: CNS 01h the controller (figure 313), CNS 00h a namespace (NVM
  /// Command Set Specification 1.1, section 4.1.5.1, figure "Identify Namespace Data Structure").
  func identify<Clock: MonotonicClock>(clock: Clock, pause: () -> Void) throws(NVMeError) {
    // The one of an earlier attempt may have been in use until the controller stopped; it did.
    freeIdentifyBuffer()
    let device: UInt64
    let base: UInt64
    do {
      let buffer = try domain.allocateCoherent(byteCount: Int(PRPList.pageBytes), on: admin.cpu)
      device = buffer.device.first.rawValue
      base = buffer.memory.first.rawValue
      identifyBuffer = consume buffer
    } catch {
      throw .map(error)
    }
    func field32(_ offset: UInt64) -> UInt32 {
      memory.loadLittle32(at: PhysicalAddress(base &+ offset))
    }
    var command = NVMeCommand(opcode: NVMeAdminOpcode.identify)
    command.prp1 = device
    command.dword10 = 1
    _ = try runAdmin(command, clock: clock, pause: pause)
    information.vendor = UInt16(truncatingIfNeeded: field32(0))
    // MDTS, byte 77: a power of two of the smallest pages, 0 for no limit.
    let transferLog2 = UInt64(field32(76) &>> 8 & 0xff)
    let limit =
      transferLog2 == 0 || transferLog2 > 31
      ? UInt64.max : (1 &<< transferLog2) &<< UInt64(capabilities.minimumPageLog2)
    information.maximumTransferBytes = min(limit, options.maximumTransferBytes)

    command.namespace = options.namespace
    command.dword10 = 0
    _ = try runAdmin(command, clock: clock, pause: pause)
    let blocks = memory.loadLittle64(at: PhysicalAddress(base))
    // FLBAS, byte 26, bits 3:0: which of the LBA formats, 4 bytes each from byte 128, is in use.
    // Its bits 23:16 are LBADS, its bits 15:0 the metadata bytes of each block.
    let format = UInt64(field32(24) &>> 16 & 0xf)
    let layout = field32(128 &+ 4 &* format)
    let blockLog2 = UInt8(layout &>> 16 & 0xff)
    if blocks == 0 || blockLog2 < 9 || blockLog2 > 12 || layout & 0xffff != 0 {
      throw .unsupportedNamespace(blocks: blocks, blockLog2: blockLog2)
    }
    information.blockCount = blocks
    information.blockLog2 = blockLog2
  }

  /// Asks for as many queues as there are processors; answers how many of each kind there are.
  ///
  /// Figures 444 and 445: submission queues in bits 15:0, completion queues in 31:16, from zero.
  func negotiateQueues<Clock: MonotonicClock>(
    clock: Clock, pause: () -> Void
  ) throws(NVMeError) -> Int {
    let wanted = UInt32(queues.count - 1)
    var command = NVMeCommand(opcode: NVMeAdminOpcode.setFeatures)
    command.dword10 = NVMeFeature.numberOfQueues
    command.dword11 = wanted | wanted << 16
    let granted = try runAdmin(command, clock: clock, pause: pause)
    return min(queues.count, Int(granted & 0xffff) + 1, Int(granted >> 16) + 1)
  }

  /// Creates the I/O queue pair number `queue`, counted from zero.
  ///
  /// Figures 475, 476, 479 and 480: the size counts from zero; PC, bit 0, says contiguous; IEN,
  /// bit 1, says that completions interrupt.
  func createQueuePair<Clock: MonotonicClock>(
    _ queue: Int, clock: Clock, pause: () -> Void
  ) throws(NVMeError) {
    let size = UInt32(queues[queue].entries - 1) << 16 | UInt32(queues[queue].identifier)
    let interrupts: UInt32 =
      information.vectorCount > 0 ? UInt32(queues[queue].vector) << 16 | 2 : 0
    var completion = NVMeCommand(opcode: NVMeAdminOpcode.createCompletionQueue)
    completion.prp1 = queues[queue].completionDevice.rawValue
    completion.dword10 = size
    completion.dword11 = interrupts | 1
    _ = try runAdmin(completion, clock: clock, pause: pause)

    var submission = NVMeCommand(opcode: NVMeAdminOpcode.createSubmissionQueue)
    submission.prp1 = queues[queue].submissionDevice.rawValue
    submission.dword10 = size
    submission.dword11 = UInt32(queues[queue].identifier) << 16 | 1
    _ = try runAdmin(submission, clock: clock, pause: pause)
  }
}
