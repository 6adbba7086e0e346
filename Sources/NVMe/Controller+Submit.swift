public import IOMMU

extension NVMeController {
  /// Maps `buffer` for the device to write and queues a read of `blocks` blocks from `lba` into it.
  ///
  /// The controller learns of it at the next ``ringDoorbell(queue:report:)``. The buffer is the
  /// device's until the report with `tag`; `deadline` is for ``expired(now:)`` alone. Throws:
  /// `noQueue`, `outOfRange`, `wrongLength`, `tooLong`, `misaligned`, `wrongState`, `queueFull`, or
  /// `map`; nothing is mapped or queued then. Complexity: linear in the buffer's pages. Allocates:
  /// never.
  @inlinable
  public func submitRead(
    queue: Int, lba: UInt64, blocks: UInt32, buffer: PhysicalRange, tag: UInt64,
    deadline: Instant = Instant(nanoseconds: .max)
  ) throws(NVMeError) {
    try submit(
      NVMeRequest(
        kind: .read, lba: lba, blocks: blocks, buffer: buffer, tag: tag, deadline: deadline),
      queue: queue)
  }

  /// Maps `buffer` for the device to read and queues a write of it to `blocks` blocks from `lba`.
  ///
  /// As ``submitRead(queue:lba:blocks:buffer:tag:deadline:)`` in everything else.
  @inlinable
  public func submitWrite(
    queue: Int, lba: UInt64, blocks: UInt32, buffer: PhysicalRange, tag: UInt64,
    deadline: Instant = Instant(nanoseconds: .max)
  ) throws(NVMeError) {
    try submit(
      NVMeRequest(
        kind: .write, lba: lba, blocks: blocks, buffer: buffer, tag: tag, deadline: deadline),
      queue: queue)
  }

  /// Queues a flush, which makes durable what was written before.
  ///
  /// It maps nothing. Throws as a read does, but for what concerns its buffer.
  @inlinable
  public func submitFlush(
    queue: Int, tag: UInt64, deadline: Instant = Instant(nanoseconds: .max)
  ) throws(NVMeError) {
    try submit(
      NVMeRequest(kind: .flush, lba: 0, blocks: 0, buffer: nil, tag: tag, deadline: deadline),
      queue: queue)
  }

  @inlinable
  func submit(_ request: NVMeRequest, queue: Int) throws(NVMeError) {
    try checkQueue(queue)
    try check(request)
    locks[queue].lock()
    defer { locks[queue].unlock() }
    // Under the lock, so that nothing is submitted behind a reset's back.
    if state != .running { throw .wrongState(state) }
    guard let slot = queues[queue].nextSlot else {
      throw .queueFull(queue: queue, slots: queues[queue].slotLimit)
    }
    let prepared = try prepare(request, queue: queue, slot: slot)
    queues[queue].occupy(slot, with: request)
    queues[queue].enqueue(prepared, slot: slot, in: memory)
  }

  @inlinable
  func checkQueue(_ queue: Int) throws(NVMeError) {
    if queue < 0 || queue >= information.queueCount { throw .noQueue(queue) }
  }

  /// Refuses what the controller would refuse, before anything is mapped.
  @inlinable
  func check(_ request: NVMeRequest) throws(NVMeError) {
    guard let buffer = request.buffer else { return }
    let blocks = UInt64(request.blocks)
    // `blocks` has 32 bits and a block 12, so the product fits 64.
    let byteCount = blocks &<< UInt64(information.blockLog2)
    if blocks == 0 || request.lba >= information.blockCount
      || blocks > information.blockCount &- request.lba || blocks > 65536
    {
      throw .outOfRange(
        lba: request.lba, blocks: request.blocks, capacity: information.blockCount)
    }
    if byteCount > information.maximumTransferBytes {
      throw .tooLong(byteCount: byteCount, maximum: information.maximumTransferBytes)
    }
    if buffer.byteCountMinusOne != byteCount &- 1 {
      throw .wrongLength(buffer: buffer, expected: byteCount)
    }
    if buffer.first.rawValue & 3 != 0 { throw .misaligned(buffer.first.rawValue) }
  }

  /// Maps the buffer of `request` and makes its command with the list of `slot`.
  @inlinable
  func prepare(
    _ request: NVMeRequest, queue: Int, slot: Int
  ) throws(NVMeError) -> PreparedCommand {
    var command = NVMeCommand(opcode: NVMeOpcode.flush)
    command.namespace = options.namespace
    guard let buffer = request.buffer else {
      return PreparedCommand(command: command, mapping: .none)
    }
    let cpu = queues[queue].cpu
    let device: IOVARange
    let owned: SlotMapping
    do throws(MapError) {
      switch request.kind {
      case .read, .flush:
        command.opcode = NVMeOpcode.read
        let mapping = try domain.map(buffer, FromDevice.self, on: cpu)
        device = mapping.device
        owned = .fromDevice(mapping)
      case .write:
        command.opcode = NVMeOpcode.write
        let mapping = try domain.map(buffer, ToDevice.self, on: cpu)
        device = mapping.device
        owned = .toDevice(mapping)
      }
    } catch {
      throw .map(error)
    }
    // A pointer has no room for the low two bits; the list has room for any other offset.
    if device.first.rawValue & 3 != 0
      || device.byteCountMinusOne != buffer.byteCountMinusOne
    {
      owned.unmap(from: domain, on: cpu)
      throw .misaligned(device.first.rawValue)
    }
    let listOffset = UInt64(truncatingIfNeeded: slot) &* queues[queue].listStride
    let pointers = PRPList.make(
      for: device,
      list: PhysicalAddress(queues[queue].listMemory.rawValue &+ listOffset),
      listDevice: IOVA(queues[queue].listDevice.rawValue &+ listOffset), in: memory)
    command.prp1 = pointers.prp1
    command.prp2 = pointers.prp2
    // NVM Command Set Specification 1.1, sections 3.2.4 and 3.2.6: SLBA in dwords 10 and 11, NLB,
    // counted from zero, in dword 12 bits 15:0.
    command.dword10 = UInt32(truncatingIfNeeded: request.lba)
    command.dword11 = UInt32(truncatingIfNeeded: request.lba &>> 32)
    command.dword12 = request.blocks &- 1
    return PreparedCommand(command: command, mapping: owned)
  }
}
