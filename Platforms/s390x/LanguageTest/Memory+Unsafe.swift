// Memory by pointers: typed and raw, with and without alignment; the order of bytes.

/// Where a part of a number lies, if counted from its most significant byte.
func bigEndianOffset(_ offset: Int, of size: Int, width: Int = 1) -> Int {
  #if _endian(big)
  offset
  #else
  size - width - offset
  #endif
}

func memory() {
  byteOrder()
  // SAFETY: in all of this function, 4,096 bytes are allocated, used within, and given back at its
  // end; they hold numbers alone.
  let raw = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
  defer { unsafe raw.deallocate() }
  unsafe raw.initializeMemory(as: UInt8.self, repeating: 0xa5, count: 4096)
  show(
    "alignment", Int(bitPattern: raw) % 4096 == 0, unsafe raw.load(as: UInt32.self) == 0xa5a5_a5a5)
  // SAFETY: as above.
  unsafe raw.storeBytes(of: disguised(0x0102_0304_0506_0708), toByteOffset: 64, as: UInt64.self)
  unsafe raw.storeBytes(of: disguised(0xbeef), toByteOffset: 77, as: UInt16.self)
  show(
    "raw", unsafe Hex(raw.load(fromByteOffset: 64, as: UInt64.self)),
    unsafe Hex(raw.loadUnaligned(fromByteOffset: 77, as: UInt16.self)))
  for offset in 0..<8 {
    // SAFETY: as above.
    let place = 64 + bigEndianOffset(offset, of: 8)
    show("byte", unsafe raw.load(fromByteOffset: place, as: UInt8.self))
  }
  // SAFETY: as above; the words lie behind what was used so far.
  let words = unsafe (raw + 1024).bindMemory(to: UInt32.self, capacity: 64)
  for index in 0..<64 { unsafe words[index] = UInt32(index) &* disguised(0x0101_0103) }
  unsafe (words + 32).update(from: words, count: 16)
  unsafe (words + 1).update(from: words, count: 8)
  let buffer = unsafe UnsafeMutableBufferPointer(start: words, count: 64)
  var digest = Digest()
  for index in 0..<64 { unsafe digest.add(buffer[index]) }
  show(
    "pointers", digest, unsafe words[33], unsafe (words + 5).pointee,
    unsafe words.distance(to: words + 7))
  objects()
}

private func byteOrder() {
  let number: UInt32 = disguised(0x0102_0304)
  // SAFETY: the bytes of a number, within it.
  let first = unsafe withUnsafeBytes(of: number) { unsafe $0[0] }
  #if _endian(big)
  require(first == 1, "the first byte in memory is the most significant")
  #else
  require(first == 4, "the first byte in memory is the least significant")
  #endif
  #if canImport(Machine)
  #if !_endian(big)
  require(false, "the machine is compiled for as big-endian")
  #endif
  #endif
  #if !_pointerBitWidth(_64)
  require(false, "addresses have 64 bits")
  #endif
}

private func objects() {
  // SAFETY: in all of this function, as many as are allocated are initialised, taken out, and
  // given back.
  let optionals = UnsafeMutablePointer<UInt16?>.allocate(capacity: 4)
  unsafe optionals.initialize(repeating: nil, count: 4)
  unsafe optionals[2] = disguised(0x1234)
  show(
    "optionals in memory", unsafe optionals[1], unsafe optionals[2], MemoryLayout<UInt16?>.stride)
  let moved = UnsafeMutablePointer<UInt16?>.allocate(capacity: 4)
  unsafe moved.moveInitialize(from: optionals, count: 4)
  show("moved", unsafe moved[2], unsafe moved[3])
  // SAFETY: as above.
  unsafe moved.deinitialize(count: 4)
  unsafe optionals.deallocate()
  unsafe moved.deallocate()
  var value: UInt64 = disguised(40)
  // SAFETY: the pointer is used within the call.
  unsafe withUnsafeMutablePointer(to: &value) { pointer in unsafe pointer.pointee += 2 }
  show("pointer to a variable", value)
  // SAFETY: the buffer is used within the call, after it was filled.
  let total = unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 10) { buffer in
    for index in 0..<10 { unsafe buffer.initializeElement(at: index, to: UInt32(index) << 20) }
    return unsafe buffer.reduce(0) { $0 + UInt64($1) }
  }
  show("temporary", total)
}
