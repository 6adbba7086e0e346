// Constants in the image's data: their bytes are laid down by the compiler.

private struct Row {
  var code: UInt16
  var flag: Bool
  var mask: UInt64
  var level: Int8
  var name: StaticString
}

private let rows: [Row] = [
  Row(code: 0x1234, flag: true, mask: 0x8000_0000_0000_0001, level: -3, name: "first"),
  Row(code: 0xfffe, flag: false, mask: 0x0123_4567_89ab_cdef, level: 127, name: "second"),
  Row(code: 1, flag: true, mask: 1, level: -128, name: "a third, with a longer name"),
]
private let primes: InlineArray<8, UInt32> = [2, 3, 5, 7, 11, 0x1_0001, 0x7fff_ffff, 0xffff_fffb]
private let halfwords: [UInt16] = [0x0102, 0xfffe, 0, 0x8000]
private let pair: (UInt32, UInt8) = (0xdead_beef, 0x5a)
private let computed = halfwords.reduce(0 as UInt64) { $0 &* 31 &+ UInt64($1) }
private let wrapped: UInt16? = 0xabcd
private let nothing: UInt16? = nil

func literals() {
  for row in rows { show("row", Hex(row.code), row.flag, Hex(row.mask), row.level, row.name) }
  for index in primes.indices { show("prime", primes[index]) }
  for index in halfwords.indices { show("halfword", Hex(halfwords[disguised(index)])) }
  show("constants", Hex(pair.0), Hex(pair.1), computed, wrapped, nothing)
  show(
    "literals", 0b1010_0101 as UInt8, 0o777 as UInt16, -0x8000_0000 as Int32, 1_000_000_007,
    0xffff_ffff_ffff_ffff as UInt64)
  show(
    "static text", "one" as StaticString, ("two" as StaticString).utf8CodeUnitCount,
    ("äöü" as StaticString).utf8CodeUnitCount, "äöü" as StaticString)
}
