// Spans: over arrays, inline arrays and bytes, read and changed in place.

private func sum(_ span: Span<UInt32>) -> UInt64 {
  var sum: UInt64 = 0
  for index in span.indices { sum &+= UInt64(span[index]) &* UInt64(index + 1) }
  return sum
}

private func turnAround(_ span: inout MutableSpan<UInt16>) {
  for index in span.indices { span[index] = span[index].byteSwapped }
}

private func fill(_ span: inout OutputSpan<UInt8>) {
  while !span.isFull { span.append(UInt8(span.count) &* 17) }
}

func spans() {
  let array: [UInt32] = (0..<disguised(100)).map { $0 &* 0x0101_0101 }
  show("Span of array", sum(array.span), array.span.count, array.span[disguised(9)])
  let inline: InlineArray<4, UInt32> = [1, 2, 3, disguised(0xffff_ffff)]
  show(
    "Span of inline array", sum(inline.span), inline.span.extracting(1..<3).count,
    inline.span.isEmpty)
  var halves: [UInt16] = [0x0102, 0x0304, disguised(0xfffe)]
  var span = halves.mutableSpan
  turnAround(&span)
  show("MutableSpan", halves[0], halves[1], halves[2])
  let filled = [UInt8](capacity: disguised(9)) { fill(&$0) }
  show("OutputSpan", filled[0], filled[1], filled[8])
  var words: InlineArray<2, UInt64> = [0, 0]
  var bytes = words.mutableSpan
  bytes[0] = disguised(0x1122_3344_5566_7788)
  bytes[1] = bytes[0] &* 3
  show("words", Hex(words[0]), Hex(words[1]))
  // SAFETY: any bytes are a number; each is within the two words.
  let raw = unsafe words.span.bytes
  let whole = unsafe raw.unsafeLoad(fromByteOffset: 8, as: UInt64.self)
  show("RawSpan", Hex(whole), raw.byteCount)
  var order = Digest()
  for offset in 0..<8 {
    // SAFETY: as above.
    order.add(unsafe raw.unsafeLoad(fromByteOffset: bigEndianOffset(offset, of: 8), as: UInt8.self))
  }
  show("RawSpan bytes", order)
  // SAFETY: as above, and unaligned is allowed.
  let odd = unsafe raw.unsafeLoadUnaligned(
    fromByteOffset: bigEndianOffset(3, of: 8, width: 4), as: UInt32.self)
  show("RawSpan unaligned", Hex(odd))
}
