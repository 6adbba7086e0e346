// Products of twice the width, and their division.

func wideArithmetic() {
  unsigned("UInt8", UInt8.self)
  unsigned("UInt16", UInt16.self)
  unsigned("UInt32", UInt32.self)
  unsigned("UInt64", UInt64.self)
  signed("Int8", Int8.self)
  signed("Int16", Int16.self)
  signed("Int32", Int32.self)
  signed("Int64", Int64.self)
  let left: UInt64 = disguised(0xfedc_ba98_7654_3210)
  let product = left.multipliedFullWidth(by: disguised(0x0123_4567_89ab_cdef))
  show("full width product", Hex(product.high), Hex(product.low))
  let division = left.dividingFullWidth((high: left - 1, low: 0x1111_2222_3333_4444))
  show("full width division", Hex(division.quotient), Hex(division.remainder))
  let negative: Int64 = disguised(-0x0123_4567_89ab_cdef)
  let square = negative.multipliedFullWidth(by: 1_000_003)
  show("signed product", square.high, Hex(square.low))
  let back = negative.dividingFullWidth((square.high, square.low &- 17))
  show("signed division", back.quotient, back.remainder)
}

private func unsigned<Number: FixedWidthInteger & UnsignedInteger>(
  _ name: StaticString, _ type: Number.Type
) where Number.Magnitude == Number {
  var numbers = Numbers(seed: 3)
  var products = Digest()
  var divisions = Digest()
  for _ in 0..<300 {
    let left = numbers.next(type)
    let right = numbers.next(type)
    let product = left.multipliedFullWidth(by: right)
    products.add(product.high)
    products.add(product.low)
    guard right != 0 else { continue }
    let division = right.dividingFullWidth((high: left % right, low: numbers.next(type)))
    divisions.add(division.quotient)
    divisions.add(division.remainder)
  }
  show("multipliedFullWidth", name, products)
  show("dividingFullWidth", name, divisions)
}

private func signed<Number: FixedWidthInteger & SignedInteger>(
  _ name: StaticString, _ type: Number.Type
) {
  var numbers = Numbers(seed: 4)
  var products = Digest()
  for _ in 0..<300 {
    let left = numbers.next(type)
    let right = numbers.next(type)
    let product = left.multipliedFullWidth(by: right)
    products.add(product.high)
    products.add(product.low)
    guard right != 0 else { continue }
    let division = right.dividingFullWidth(product)
    require(division.quotient == left && division.remainder == 0, "a product divided by a factor")
  }
  show("multipliedFullWidth", name, products)
}
