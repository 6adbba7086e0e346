import IOMMU

/// A transfer's bytes as 64-bit words, for comparing them quickly with what they have to be.
struct WordBuffer {
  private var words: [UInt64] = []

  mutating func resize(to count: Int) {
    if words.count != count { words = Array(repeating: 0, count: count) }
  }

  mutating func fill(at position: Int, count: Int, from first: UInt64) {
    var span = words.mutableSpan
    NVMeMedia.fill(&span, at: position, count: count, from: first)
  }

  func matches(at position: Int, count: Int, from first: UInt64) -> Bool {
    NVMeMedia.matches(words.span, at: position, count: count, from: first)
  }

  mutating func read(from address: PhysicalAddress, in memory: MachineMemory) {
    // SAFETY: the bytes are used within the call only.
    unsafe words.withUnsafeMutableBytes { raw in
      // SAFETY: (1) the span is used within the call only; (2) any bytes make a `UInt64`.
      var bytes = unsafe MutableSpan<UInt8>(_unsafeBytes: raw)
      memory.read(at: address, into: &bytes)
    }
  }

  func write(to address: PhysicalAddress, in memory: MachineMemory) {
    // SAFETY: the bytes are used within the call only.
    unsafe words.withUnsafeBytes { raw in
      // SAFETY: (1) the span is used within the call only; (2) a `UInt64` has no padding.
      memory.write(unsafe Span<UInt8>(_unsafeBytes: raw), at: address)
    }
  }
}
