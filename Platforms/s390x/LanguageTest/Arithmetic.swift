// Arithmetic of one width, with and without overflow, on edges and on many numbers.

func arithmetic() {
  arithmetic("UInt8", UInt8.self)
  arithmetic("UInt16", UInt16.self)
  arithmetic("UInt32", UInt32.self)
  arithmetic("UInt64", UInt64.self)
  arithmetic("Int8", Int8.self)
  arithmetic("Int16", Int16.self)
  arithmetic("Int32", Int32.self)
  arithmetic("Int64", Int64.self)
  arithmetic("Int", Int.self)
  arithmetic("UInt", UInt.self)
  trappingArithmetic()
}

private func arithmetic<Number: FixedWidthInteger>(_ name: StaticString, _ type: Number.Type) {
  var numbers = Numbers(seed: 1)
  var wrapping = Digest()
  var overflowing = Digest()
  var dividing = Digest()
  var comparing = Digest()
  var logic = Digest()
  for _ in 0..<300 {
    let left = numbers.next(type)
    let right = numbers.next(type)
    wrapping.add(left &+ right)
    wrapping.add(left &- right)
    wrapping.add(left &* right)
    overflowing.add(left.addingReportingOverflow(right))
    overflowing.add(left.subtractingReportingOverflow(right))
    overflowing.add(left.multipliedReportingOverflow(by: right))
    overflowing.add(left.dividedReportingOverflow(by: right))
    overflowing.add(left.remainderReportingOverflow(dividingBy: right))
    if right != 0 && !(Number.isSigned && right == 0 &- 1) {
      let both = left.quotientAndRemainder(dividingBy: right)
      dividing.add(both.quotient)
      dividing.add(both.remainder)
      dividing.add(left / right)
      dividing.add(left % right)
      dividing.add(left.isMultiple(of: right))
    }
    comparing.add(left < right)
    comparing.add(left <= right)
    comparing.add(left == right)
    comparing.add(min(left, right))
    comparing.add(max(left, right))
    comparing.add(left.signum())
    comparing.add(left.magnitude)
    logic.add(left & right)
    logic.add(left | right)
    logic.add(left ^ right)
    logic.add(~left)
  }
  show("wrapping", name, wrapping)
  show("reporting overflow", name, overflowing)
  show("dividing", name, dividing)
  show("comparing", name, comparing)
  show("logic", name, logic)
  show(
    "bounds", name, Number.bitWidth, Int64(truncatingIfNeeded: Number.min),
    UInt64(truncatingIfNeeded: Number.max))
}

private func trappingArithmetic() {
  let seven: Int = disguised(7)
  let negative: Int32 = disguised(-2_000_000_000)
  show("trapping +-*/%", seven + 8, seven - 9, seven * -6, -22 / seven, -22 % seven)
  show("Int32", negative - 1, negative / 3, negative % 1000, -negative, abs(negative))
  let wide: UInt64 = disguised(0xffff_ffff_0000_0001)
  show("UInt64", wide / 10, wide % 10, wide / 0x1_0000_0001, wide % 0x1_0000_0001)
  let byte: UInt8 = disguised(200)
  show("UInt8", byte + 55, byte - 200, byte / 7, byte % 7, byte &* 2)
  show(
    "overflow", byte.addingReportingOverflow(56).partialValue,
    byte.addingReportingOverflow(56).overflow, byte.addingReportingOverflow(55).overflow)
  var sum = 0
  for number in 1...disguised(1000) { sum += number * number }
  show("sum of squares", sum)
}
