public import IOMMU

/// What is done with the bytes of a buffer that is given back.
public enum FreedBuffers: String, Sendable {
  /// They stay until the memory is taken again; the cheapest.
  case kept
  /// They are overwritten with 0xdb, so that a late access by a device shows in the data.
  case poisoned
}

extension MachineMemory: BufferMemory {
  /// Takes whole pages, page-aligned and zeroed.
  public func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    guard byteCount > 0,
      let block = buffers.allocate(byteCount: UInt64(byteCount), alignmentLog2: 12)
    else { throw .exhausted(byteCount: byteCount) }
    if !block.isFresh {
      bytes.fill(block.address, byteCount: Int(block.byteCount), with: 0)
    }
    let length = (UInt64(byteCount) + 4_095) & ~4_095
    guard let range = Self.range(block.address, length) else {
      throw .exhausted(byteCount: byteCount)
    }
    return range
  }

  /// Gives back what ``allocateBuffer(byteCount:)`` gave.
  /// - Precondition: `range` begins where a buffer that is out begins.
  public func freeBuffer(_ range: PhysicalRange) {
    guard let length = buffers.release(range.first.rawValue) else {
      preconditionFailure("a buffer was given back that was not out")
    }
    if freedBuffers == .poisoned {
      bytes.fill(range.first.rawValue, byteCount: Int(length), with: 0xdb)
    }
  }

  /// Reads a 32-bit little-endian value, after devices have come up to the processor's time.
  public func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    beginSharedLoad()
    return UInt32(littleEndian: bytes.load32(address.rawValue))
  }

  /// Writes a 32-bit little-endian value.
  public func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    timeline.catchUp()
    bytes.store32(value.littleEndian, address.rawValue)
    noteStore(address.rawValue, byteCount: 4)
  }

  /// Reads a 64-bit little-endian value, after devices have come up to the processor's time.
  public func loadLittle64(at address: PhysicalAddress) -> UInt64 {
    beginSharedLoad()
    return UInt64(littleEndian: bytes.load64(address.rawValue))
  }

  /// Writes a 64-bit little-endian value.
  public func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    timeline.catchUp()
    bytes.store64(value.littleEndian, address.rawValue)
    noteStore(address.rawValue, byteCount: 8)
  }

  /// Copies bytes, at the processor's cost for a copy.
  public func copy(
    from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64
  ) {
    timeline.charge(picoseconds: byteCount &* copyPicosecondsPerByte)
    timeline.catchUp()
    bytes.move(from: source.rawValue, to: target.rawValue, byteCount: Int(byteCount))
    noteStore(target.rawValue, byteCount: byteCount)
  }
}
