import ZPCI

/// The bytes of a block from `first`, as memory would hold them.
func bytes<let words: Int>(
  _ block: BigEndianBlock<words>, _ first: Int, count: Int
) -> [UInt8] {
  (first..<first + count).map { UInt8(block.field(at: $0, width: 1)) }
}

/// All doublewords of a block.
func words<let words: Int>(_ block: BigEndianBlock<words>) -> [UInt64] {
  (0..<words).map { block.field(at: $0 * 8, width: 8) }
}

/// A block with `image` at `first` and zeros elsewhere.
func block<let words: Int>(_ image: [UInt8], at first: Int = 0) -> BigEndianBlock<words> {
  var block = BigEndianBlock<words>()
  for (index, byte) in image.enumerated() {
    block.setField(UInt64(byte), at: first + index, width: 1)
  }
  return block
}

/// The bytes that a text of hexadecimal digits, with blanks anywhere, stands for.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}
