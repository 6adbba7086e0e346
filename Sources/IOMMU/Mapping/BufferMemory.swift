/// Memory that processors and devices share, as the processor sees it.
///
/// An implementation is a handle: copies name the same memory. Multi-byte values are numbers; the
/// functions' names say their byte order in memory.
public protocol BufferMemory: Sendable {
  /// Takes whole pages: `byteCount` consecutive bytes, page-aligned and zeroed.
  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange

  /// Gives back what ``allocateBuffer(byteCount:)`` gave.
  func freeBuffer(_ range: PhysicalRange)

  /// Reads a 32-bit little-endian value, acquiring.
  func loadLittle32(at address: PhysicalAddress) -> UInt32

  /// Writes a 32-bit little-endian value, releasing.
  func storeLittle32(_ value: UInt32, at address: PhysicalAddress)

  /// Reads a 64-bit little-endian value, acquiring.
  func loadLittle64(at address: PhysicalAddress) -> UInt64

  /// Writes a 64-bit little-endian value, releasing.
  func storeLittle64(_ value: UInt64, at address: PhysicalAddress)

  /// Copies `byteCount` bytes; the two ranges do not overlap.
  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64)
}
