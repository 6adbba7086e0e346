import Synchronization

/// A domain without translation: a device address is the memory's address plus a fixed offset.
///
/// Nothing is protected, nothing is ever invalidated: the upper bound for speed. Memory that the
/// device's mask does not reach goes through bounce buffers. Context: any processor, several at
/// once. Allocates: at `init` only, but for coherent buffers.
public final class IdentityDomain<Platform: DMAPlatform>:
  TranslationDomain<Platform.Control>, DMADomain, @unchecked Sendable
{
  /// The memory that buffers lie in.
  public let memory: Platform.Memory

  /// What was mapped and bounced.
  public let counters: InvalidationCounters

  /// Pages that dropped tokens named.
  public let quarantineRecord: Quarantine

  private let limits: DeviceLimits
  private let offset: UInt64
  private let bounce: BouncePool<Platform.Memory>?
  private let observer: Platform.Observer
  private let bounced = Atomic<UInt64>(0)

  /// A domain in which memory address 0 is device address `offset`.
  ///
  /// `bounceSlots` slots of 2 to the power `bounceSlotLog2` bytes are taken from `memory`; they
  /// must lie where the device's mask reaches. Throws: where memory does not suffice.
  public init(
    memory: Platform.Memory, observer: Platform.Observer, processors: Int = 1,
    limits: DeviceLimits = DeviceLimits(), offset: UInt64 = 0, bounceSlots: Int = 0,
    bounceSlotLog2: UInt8 = 12
  ) throws(TableMemoryError) {
    self.memory = memory
    self.observer = observer
    self.limits = limits
    self.offset = offset
    counters = InvalidationCounters(processors: processors)
    quarantineRecord = Quarantine(granule: Platform.Format.granule)
    bounce =
      bounceSlots > 0
      ? try BouncePool(memory: memory, slots: bounceSlots, slotBytesLog2: bounceSlotLog2) : nil
    super.init()
  }

  deinit {
    if counters[.maps] != counters[.unmaps] { quarantineRecord.makeImmortal() }
  }

  /// The number of mappings that went through a bounce buffer.
  public var bouncedMappings: UInt64 { bounced.load(ordering: .relaxed) }

  override func check(_ control: Platform.Control) throws(AttachError) {
    guard control.isTrusted else { throw .mayNotDefer }
  }

  override func enable(
    _ control: Platform.Control, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try control.enableIdentity(by: owner, on: cpu)
  }

  /// Tells the device's address of `buffer`, or of a bounce buffer in its place.
  ///
  /// Throws: `blocked` with no device attached; `unreachable` where the mask does not reach and no
  /// bounce buffer is free or large enough. Complexity: constant; with a bounce buffer, linear in
  /// the bytes and in the buffers.
  public func map<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if !hasDevices { throw .blocked }
    if let device = address(of: buffer) {
      return token(device, buffer, isBounced: false, on: cpu)
    }
    let inGranule = buffer.first.offset(log2: Platform.Format.granule.log2)
    guard let byteCount = buffer.byteCount,
      let slot = bounce?.take(byteCount: byteCount, offset: inGranule)
    else { throw .unreachable(buffer) }
    guard let device = address(of: slot) else {
      bounce?.give(slot)
      throw .unreachable(buffer)
    }
    // What the device only writes must not show what the slot held before: copy in either case.
    memory.copy(from: buffer.first, to: slot.first, byteCount: byteCount)
    bounced.wrappingAdd(1, ordering: .relaxed)
    return token(device, buffer, isBounced: true, on: cpu)
  }

  /// Nothing to announce.
  public func synchronize(on cpu: CPUIndex) throws(MapError) {
    atomicMemoryFence(ordering: .releasing)
  }

  /// Takes the mapping back, copying out of its bounce buffer.
  ///
  /// The device still reaches memory. Complexity: as `map`.
  public func unmap<Direction: DMADirection>(
    _ mapping: consuming Mapping<Direction>, on cpu: CPUIndex
  ) {
    guard mapping.belongs(to: quarantineRecord) else { return }
    if Direction.deviceWrites { copyOut(mapping) }
    if mapping.hasBounceFlag, let slot = slot(of: mapping.device) { bounce?.give(slot) }
    counters.count(.unmaps, on: cpu)
    mapping.surrender()
  }

  /// Takes zeroed memory that processor and device share.
  public func allocateCoherent(
    byteCount: Int, on cpu: CPUIndex
  ) throws(MapError) -> CoherentBuffer {
    if !hasDevices { throw .blocked }
    let buffer: PhysicalRange
    do throws(TableMemoryError) {
      buffer = try memory.allocateBuffer(byteCount: byteCount)
    } catch {
      throw .noMemory(error)
    }
    guard let device = address(of: buffer) else {
      memory.freeBuffer(buffer)
      throw .unreachable(buffer)
    }
    let mapping: Mapping<Bidirectional> = token(device, buffer, isBounced: false, on: cpu)
    return CoherentBuffer(mapping: mapping)
  }

  /// Gives back a coherent buffer; the device has stopped using it, and can still reach it.
  public func freeCoherent(_ buffer: consuming CoherentBuffer, on cpu: CPUIndex) {
    let memory = buffer.memory
    let mapping = buffer.release()
    guard mapping.belongs(to: quarantineRecord) else { return }
    counters.count(.unmaps, on: cpu)
    mapping.surrender()
    self.memory.freeBuffer(memory)
  }

  /// Copies what the device wrote so far out of a bounce buffer.
  public func syncForCPU<Direction: DeviceWritable>(_ mapping: borrowing Mapping<Direction>) {
    atomicMemoryFence(ordering: .acquiring)
    copyOut(mapping)
  }

  /// Copies what the processor wrote so far into a bounce buffer.
  public func syncForDevice<Direction: DeviceReadable>(_ mapping: borrowing Mapping<Direction>) {
    if mapping.hasBounceFlag, let slot = slot(of: mapping.device) {
      memory.copy(
        from: mapping.memory.first, to: slot.first,
        byteCount: mapping.memory.byteCountMinusOne &+ 1)
    }
    atomicMemoryFence(ordering: .releasing)
  }

  private func copyOut<Direction: DMADirection>(_ mapping: borrowing Mapping<Direction>) {
    guard mapping.hasBounceFlag, let slot = slot(of: mapping.device) else { return }
    memory.copy(
      from: slot.first, to: mapping.memory.first,
      byteCount: mapping.memory.byteCountMinusOne &+ 1)
  }

  private func token<Direction: DMADirection>(
    _ device: IOVARange, _ buffer: PhysicalRange, isBounced: Bool, on cpu: CPUIndex
  ) -> Mapping<Direction> {
    counters.count(.maps, on: cpu)
    return Mapping(
      device: device, memory: buffer, isBounced: isBounced, quarantine: quarantineRecord)
  }

  private func address(of memory: PhysicalRange) -> IOVARange? {
    let (first, overflow) = memory.first.rawValue.addingReportingOverflow(offset)
    if overflow { return nil }
    guard
      let device = IOVARange(first: IOVA(first), byteCount: memory.byteCountMinusOne &+ 1),
      device.last.rawValue <= limits.mask
    else { return nil }
    return device
  }

  private func slot(of device: IOVARange) -> PhysicalRange? {
    // `address(of:)` made the device range from a slot, so this undoes it.
    PhysicalRange(
      first: PhysicalAddress(device.first.rawValue &- offset),
      byteCount: device.byteCountMinusOne &+ 1)
  }
}
