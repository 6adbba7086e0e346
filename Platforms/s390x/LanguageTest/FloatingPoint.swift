// Double and Float: arithmetic, comparison, rounding, conversion. Results of invalid operations
// are asked for being none, since their bits are each architecture's own. Square roots are left
// out: embedded code asks a C library for them.

func floatingPoint() {
  let third = Double(disguised(1)) / Double(disguised(3))
  let large = Double(disguised(0x7fff_ffff_ffff_fc00 as Int64))
  show("Double +-*/", third + 0.1, third - 0.1, third * third, 0.1 / third, -third)
  show("Double fused", third.addingProduct(third, 3), large, large.ulp)
  show(
    "Double parts", third.exponent, third.significand, third.significandBitPattern,
    third.nextUp, third.sign == .minus)
  show(
    "Double to integers", Int(third * 1000), UInt64(large), Int32(-third * 1e6),
    UInt8(third * 700), Int64(exactly: third))
  show(
    "Double from integers", Double(disguised(UInt64.max)), Double(disguised(Int64.min)),
    Double(disguised(-7 as Int8)), Double(disguised(0x20_0000_0000_0001 as UInt64)))
  let halves = Double(disguised(-5)) / 2
  show(
    "rounding", halves.rounded(), halves.rounded(.down), halves.rounded(.up),
    halves.rounded(.towardZero), halves.rounded(.toNearestOrEven))
  let zero = Double(disguised(0))
  show(
    "infinities", 1 / zero, -1 / zero, (zero / zero).isNaN, (1 / zero).isInfinite,
    (-zero).bitPattern)
  show(
    "comparison", third < 0.5, zero == -zero, zero / zero == zero / zero, 1 / zero > large,
    Double.minimum(third, zero))
  let single = Float(third)
  show(
    "Float", single, single * 3, Float(disguised(16_777_217 as Int32)), Double(single),
    Int(single * 100))
  show(
    "Float parts", single.exponent, single.significandBitPattern, single.ulp,
    Float(bitPattern: disguised(0x4049_0fdb)))
  var numbers = Numbers(seed: 6)
  var digest = Digest()
  for _ in 0..<300 {
    let left = Double(numbers.next(Int64.self)) / 1024
    let right = Double(numbers.next(Int32.self)) + 0.5
    digest.add((left + right).bitPattern)
    digest.add((left * right).bitPattern)
    digest.add((left / right).bitPattern)
    digest.add(Int64(right * 1000))
    digest.add(left < right)
    digest.add(Float(left / right).bitPattern)
    digest.add(left.rounded(.towardZero).bitPattern)
  }
  show("Double digest", digest)
}
