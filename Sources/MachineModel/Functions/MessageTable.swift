/// A function's MSI-X table and pending bits, as they stand behind base address 4.
///
/// An entry is 16 bytes: address, upper address, data, vector control, whose bit 0 masks it (PCI
/// Local Bus Specification 3.0, 6.8.2.6 to 6.8.2.9). Entries are masked after reset.
struct MessageTable {
  private var words: [UInt32]
  private var pending: UInt64 = 0
  let vectors: Int

  init(vectors: Int) {
    self.vectors = vectors
    words = Array(repeating: 0, count: vectors * 4)
    for vector in 0..<vectors { words[vector * 4 + 3] = 1 }
  }

  /// Whether an entry is masked.
  func isMasked(_ vector: Int) -> Bool { words[vector * 4 + 3] & 1 != 0 }

  /// The address that an entry's message is written to.
  func address(_ vector: Int) -> UInt64 {
    UInt64(words[vector * 4 + 1]) << 32 | UInt64(words[vector * 4])
  }

  /// The value that is written there.
  func data(_ vector: Int) -> UInt32 { words[vector * 4 + 2] }

  /// Remembers that an interrupt came while it could not be sent.
  mutating func setPending(_ vector: Int) { pending |= 1 << UInt64(vector) }

  /// Takes one vector that is pending and no longer masked.
  mutating func takePending() -> Int? {
    var rest = pending
    while rest != 0 {
      let vector = rest.trailingZeroBitCount
      if !isMasked(vector) {
        pending &= ~(1 << UInt64(vector))
        return vector
      }
      rest &= rest - 1
    }
    return nil
  }

  /// Reads `width` bytes (1, 2, 4, 8) at `offset`.
  func read(offset: UInt64, width: Int) -> UInt64 {
    if width == 8 { return word(offset) | word(offset + 4) << 32 }
    let shifted = word(offset & ~3) >> (offset % 4 * 8)
    return shifted & ((1 << UInt64(width * 8)) - 1)
  }

  /// Writes `width` bytes (4 or 8) at `offset`; narrower writes are undefined and ignored.
  mutating func write(_ value: UInt64, offset: UInt64, width: Int) {
    if width < 4 { return }
    setWord(UInt32(truncatingIfNeeded: value), offset)
    if width == 8 { setWord(UInt32(truncatingIfNeeded: value >> 32), offset + 4) }
  }

  private func word(_ offset: UInt64) -> UInt64 {
    let index = Int(offset / 4)
    if words.indices.contains(index) { return UInt64(words[index]) }
    if offset == ConfigurationSpace.pendingBitsOffset { return pending & 0xffff_ffff }
    if offset == ConfigurationSpace.pendingBitsOffset + 4 { return pending >> 32 }
    return 0
  }

  private mutating func setWord(_ value: UInt32, _ offset: UInt64) {
    let index = Int(offset / 4)
    if words.indices.contains(index) { words[index] = value }
  }
}
