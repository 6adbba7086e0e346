// Structs in memory: each field where C has it, its bytes in the machine's order.

private struct Descriptor {
  var kind: UInt8
  var length: UInt16
  var handle: UInt32
  var address: UInt64
  var tail: UInt16
  var flag: Bool
}

private struct Nested {
  var marker: UInt8
  var inner: Descriptor
  var last: Int16
}

/// A number's bytes, the most significant first, as one number.
private func number(at offset: Int, width: Int, in bytes: UnsafeRawBufferPointer) -> UInt64 {
  var result: UInt64 = 0
  for index in 0..<width {
    // SAFETY: the caller names bytes within the buffer; it is checked besides.
    result = unsafe result << 8 | UInt64(bytes[offset + bigEndianOffset(index, of: width)])
  }
  return result
}

func layouts() {
  let descriptor = Descriptor(
    kind: disguised(0x7f), length: 0x1234, handle: disguised(0xdead_beef),
    address: 0x0102_0304_0506_0708, tail: 0xfffe, flag: disguised(true))
  show(
    "layout", MemoryLayout<Descriptor>.size, MemoryLayout<Descriptor>.stride,
    MemoryLayout<Descriptor>.alignment, MemoryLayout<Nested>.size, MemoryLayout<Nested>.stride)
  // SAFETY: fields at their places, within the struct.
  unsafe withUnsafeBytes(of: descriptor) { bytes in
    show(
      "fields", Hex(unsafe number(at: 0, width: 1, in: bytes)),
      Hex(unsafe number(at: 2, width: 2, in: bytes)),
      Hex(unsafe number(at: 4, width: 4, in: bytes)),
      Hex(unsafe number(at: 8, width: 8, in: bytes)))
    show("tail", Hex(unsafe number(at: 16, width: 2, in: bytes)), unsafe bytes[18])
  }
  let nested = Nested(marker: 0x3c, inner: descriptor, last: disguised(-2))
  // SAFETY: as above.
  unsafe withUnsafeBytes(of: nested) { bytes in
    show(
      "nested", unsafe bytes[0], Hex(unsafe number(at: 12, width: 4, in: bytes)),
      Hex(unsafe number(at: 16, width: 8, in: bytes)),
      Hex(unsafe number(at: 28, width: 2, in: bytes)))
  }
  let list = [descriptor, descriptor]
  // SAFETY: as above, in the second element.
  unsafe list.withUnsafeBytes { bytes in
    show("in arrays", bytes.count, Hex(unsafe number(at: 24 + 8, width: 8, in: bytes)))
  }
  // SAFETY: the bytes of two numbers of the same size.
  let pair = unsafe unsafeBitCast((disguised(1 as UInt32), 2 as UInt32), to: UInt64.self)
  #if _endian(big)
  require(pair == 0x0000_0001_0000_0002, "a pair's first number is the high half")
  #else
  require(pair == 0x0000_0002_0000_0001, "a pair's first number is the low half")
  #endif
}
