/// What a driver needs for DMA: the whole of the DMA API, on whatever kind of domain.
///
/// Context: any processor, several at once. Allocates: never, but for coherent buffers.
public protocol DMADomain: AnyObject, Sendable {
  /// The memory that buffers lie in.
  associatedtype Memory: BufferMemory

  /// The memory that buffers lie in.
  var memory: Memory { get }

  /// Lets the device reach `buffer`, and nothing else, in the given direction.
  ///
  /// The device may use the address after the next ``synchronize(on:)``.
  func map<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction>

  /// Makes every mapping made on `cpu` so far usable by the device: call it before the doorbell.
  ///
  /// Free where mappings are announced one by one, one invalidation with the modifier `+batch`.
  /// After a failure none of the mappings made since the last call may be used; unmap them.
  func synchronize(on cpu: CPUIndex) throws(MapError)

  /// Takes the mapping back. What the device may still reach for a while is the policy's promise.
  func unmap<Direction: DMADirection>(_ mapping: consuming Mapping<Direction>, on cpu: CPUIndex)

  /// Takes zeroed, page-aligned memory that processor and device share, and maps it both ways.
  ///
  /// The device may use it when this returns.
  func allocateCoherent(byteCount: Int, on cpu: CPUIndex) throws(MapError) -> CoherentBuffer

  /// Unmaps and gives back a coherent buffer; the device has stopped using it.
  func freeCoherent(_ buffer: consuming CoherentBuffer, on cpu: CPUIndex)

  /// Makes what the device wrote so far visible to the processor, while the mapping stays.
  func syncForCPU<Direction: DeviceWritable>(_ mapping: borrowing Mapping<Direction>)

  /// Makes what the processor wrote so far visible to the device, while the mapping stays.
  func syncForDevice<Direction: DeviceReadable>(_ mapping: borrowing Mapping<Direction>)
}

/// Why a mapping was not made; nothing changed.
public enum MapError: Error, Equatable {
  /// No device address was to be had.
  case noAddress(IOVAAllocationError)
  /// No memory was to be had for a table, or for the buffer itself.
  case noMemory(TableMemoryError)
  /// The hardware refused; the translation was taken back.
  case control(ControlError)
  /// The device's mask does not reach the memory and no bounce buffer was free.
  case unreachable(PhysicalRange)
  /// The table's entries cannot name that memory.
  case beyondFormat(PhysicalRange)
  /// The device is blocked: it is detached, or its domain was destroyed.
  case blocked
  /// A scatter list was empty, or had more than the token can hold.
  case badScatterList(segments: Int)
}
