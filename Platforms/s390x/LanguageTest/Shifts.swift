// Shifts, rotations, bytes turned around and bits counted.

func shifts() {
  shifts("UInt8", UInt8.self)
  shifts("UInt16", UInt16.self)
  shifts("UInt32", UInt32.self)
  shifts("UInt64", UInt64.self)
  shifts("Int8", Int8.self)
  shifts("Int16", Int16.self)
  shifts("Int32", Int32.self)
  shifts("Int64", Int64.self)
  let pattern: UInt64 = disguised(0x0123_4567_89ab_cdef)
  show(
    "byteSwapped", Hex(pattern.byteSwapped), Hex(UInt32(truncatingIfNeeded: pattern).byteSwapped),
    Hex(UInt16(truncatingIfNeeded: pattern).byteSwapped))
  show(
    "zero bits", pattern.leadingZeroBitCount, pattern.trailingZeroBitCount,
    pattern.nonzeroBitCount, disguised(0 as UInt64).leadingZeroBitCount,
    disguised(0 as UInt64).trailingZeroBitCount)
  show(
    "zero bits UInt8", disguised(0 as UInt8).leadingZeroBitCount,
    disguised(0x10 as UInt8).leadingZeroBitCount, disguised(0x10 as UInt8).trailingZeroBitCount,
    disguised(0 as UInt8).trailingZeroBitCount, disguised(0xd1 as UInt8).nonzeroBitCount)
  show(
    "shifts", Hex(pattern << disguised(4)), Hex(pattern >> disguised(60)),
    Hex(pattern << disguised(64)), Hex(pattern >> disguised(-8)), Hex(pattern &<< disguised(68)))
  show(
    "arithmetic shifts", disguised(-256 as Int64) >> 3, disguised(-256 as Int64) >> disguised(99),
    disguised(-1 as Int8) >> 1, disguised(-128 as Int8) << 1, disguised(-3 as Int32) &>> 33)
  show(
    "rotation", Hex(rotated(pattern, by: disguised(12))), Hex(rotated(pattern, by: disguised(0))))
}

private func rotated<Number: FixedWidthInteger & UnsignedInteger>(
  _ number: Number, by count: Number
) -> Number {
  (number &<< count) | (number &>> (0 &- count))
}

private func shifts<Number: FixedWidthInteger>(_ name: StaticString, _ type: Number.Type) {
  var numbers = Numbers(seed: 2)
  var shifting = Digest()
  var masking = Digest()
  var counting = Digest()
  var swapping = Digest()
  for _ in 0..<100 {
    let number = numbers.next(type)
    // Beyond the width too, in both directions.
    for count in -70...70 {
      shifting.add(number << count)
      shifting.add(number >> count)
      masking.add(number &<< Number(truncatingIfNeeded: count))
      masking.add(number &>> Number(truncatingIfNeeded: count))
    }
    counting.add(number.leadingZeroBitCount)
    counting.add(number.trailingZeroBitCount)
    counting.add(number.nonzeroBitCount)
    swapping.add(number.byteSwapped)
    swapping.add(rotated(Number.Magnitude(truncatingIfNeeded: number), by: 5))
  }
  show("shifting", name, shifting)
  show("masking shifts", name, masking)
  show("counting bits", name, counting)
  show("byteSwapped and rotation", name, swapping)
}
