import IOMMU

/// Plain bytes as a machine's memory, with a page allocator that knows what is out.
final class FakeMemory: BufferMemory, @unchecked Sendable {
  static let base: UInt64 = 0x10_0000
  private(set) var bytes: [UInt8]
  private(set) var allocated: [UInt64: Int] = [:]
  private var next: UInt64 = FakeMemory.base
  private var free: [Int: [UInt64]] = [:]

  init(pages: Int) {
    bytes = [UInt8](repeating: 0, count: pages * 4096)
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    let size = (byteCount + 4095) & ~4095
    var first = next
    if let reused = free[size]?.popLast() {
      first = reused
    } else {
      if Int(next - FakeMemory.base) + size > bytes.count { throw .exhausted(byteCount: byteCount) }
      next += UInt64(size)
    }
    allocated[first] = size
    fill(first, [UInt8](repeating: 0, count: size)[...])
    return PhysicalRange(first: PhysicalAddress(first), byteCount: UInt64(size))!
  }

  func freeBuffer(_ range: PhysicalRange) {
    let size = allocated.removeValue(forKey: range.first.rawValue)!
    free[size, default: []].append(range.first.rawValue)
  }

  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    UInt32(truncatingIfNeeded: load(address.rawValue, 4))
  }

  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    store(UInt64(value), address.rawValue, 4)
  }

  func loadLittle64(at address: PhysicalAddress) -> UInt64 { load(address.rawValue, 8) }

  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    store(value, address.rawValue, 8)
  }

  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {
    for index in 0..<byteCount { self[target.rawValue + index] = self[source.rawValue + index] }
  }

  subscript(address: UInt64) -> UInt8 {
    get { bytes[Int(address - FakeMemory.base)] }
    set { bytes[Int(address - FakeMemory.base)] = newValue }
  }

  func fill(_ address: UInt64, _ source: ArraySlice<UInt8>) {
    let start = Int(address - FakeMemory.base)
    bytes.replaceSubrange(start..<start + source.count, with: source)
  }

  func slice(_ address: UInt64, _ count: UInt64) -> ArraySlice<UInt8> {
    let start = Int(address - FakeMemory.base)
    return bytes[start..<start + Int(count)]
  }

  private func load(_ address: UInt64, _ count: UInt64) -> UInt64 {
    precondition(address % count == 0, "unaligned access")
    var value: UInt64 = 0
    var index = Int(address - FakeMemory.base + count)
    for _ in 0..<count {
      index -= 1
      value = value << 8 | UInt64(bytes[index])
    }
    return value
  }

  private func store(_ value: UInt64, _ address: UInt64, _ count: UInt64) {
    precondition(address % count == 0, "unaligned access")
    var left = value
    var index = Int(address - FakeMemory.base)
    for _ in 0..<count {
      bytes[index] = UInt8(truncatingIfNeeded: left)
      left >>= 8
      index += 1
    }
  }
}
