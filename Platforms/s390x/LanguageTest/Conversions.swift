// Conversions between widths and signs, exact, clamped and cut.

func conversions() {
  from("UInt8", UInt8.self)
  from("UInt16", UInt16.self)
  from("UInt32", UInt32.self)
  from("UInt64", UInt64.self)
  from("Int8", Int8.self)
  from("Int16", Int16.self)
  from("Int32", Int32.self)
  from("Int64", Int64.self)
  let wide: UInt64 = disguised(0x8899_aabb_ccdd_eeff)
  show(
    "truncating", UInt8(truncatingIfNeeded: wide), Int8(truncatingIfNeeded: wide),
    UInt16(truncatingIfNeeded: wide), Int32(truncatingIfNeeded: wide), Int(bitPattern: UInt(wide)))
  show(
    "exactly", UInt8(exactly: wide), UInt8(exactly: disguised(255)), Int8(exactly: disguised(128)),
    UInt64(exactly: disguised(-1)), Int(exactly: wide))
  show(
    "clamping", UInt8(clamping: wide), Int8(clamping: disguised(-300)), Int64(clamping: wide),
    UInt32(clamping: disguised(-5)), Int16(clamping: disguised(70000)))
  show(
    "extending", Int64(disguised(-5 as Int8)), Int(disguised(-30000 as Int16)),
    UInt64(disguised(0xf0 as UInt8)), Int64(disguised(0xffff_ffff as UInt32)),
    Int64(Int32(bitPattern: disguised(0xffff_fff0))))
  show(
    "mixed comparison", disguised(-1 as Int) < disguised(1 as UInt8),
    disguised(-1 as Int8) == disguised(255 as UInt8), wide > disguised(-1 as Int),
    disguised(255 as UInt8) == disguised(255 as Int64))
}

private func from<Number: FixedWidthInteger>(_ name: StaticString, _ type: Number.Type) {
  var numbers = Numbers(seed: 5)
  var digest = Digest()
  func to<Other: FixedWidthInteger>(_ type: Other.Type, _ number: Number) {
    digest.add(Other(truncatingIfNeeded: number))
    digest.add(Other(clamping: number))
    digest.add(Other(exactly: number) ?? 77)
    digest.add(Other.max >= number)
    digest.add(Other.min == number)
  }
  for _ in 0..<100 {
    let number = numbers.next(type)
    to(UInt8.self, number)
    to(UInt16.self, number)
    to(UInt32.self, number)
    to(UInt64.self, number)
    to(Int8.self, number)
    to(Int16.self, number)
    to(Int32.self, number)
    to(Int64.self, number)
    digest.add(Int64(Double(number) / 2048))
  }
  show("conversions from", name, digest)
}
