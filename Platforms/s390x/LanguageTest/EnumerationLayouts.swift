// Where enumerations keep which case they are: in bits that payloads leave, or beside them. These
// places depend on the byte order, so every case is stored, moved through an array, and read.

private final class Owned {
  let number: UInt32
  init(_ number: UInt32) { self.number = number }
}

private struct Holed {
  var first: UInt16
  var second: UInt8
  var isSet: Bool
}

private enum Spare {
  case flag(Bool)
  case level(Level)
  case small(UInt8)
  case none, one, two
}

private enum Mixed {
  case holed(Holed)
  case wide(UInt32, Bool)
  case bytes(UInt8, UInt8, UInt8)
  case empty, void
}

private enum References {
  case left(Owned)
  case right(Owned)
  case maybe(Owned?)
  case first, second, third
}

private enum Wide {
  case pair(UInt64, UInt64)
  case single(UInt64)
  case optional(UInt64?)
  case nothing
}

func enumerationLayouts() {
  let spare: [Spare] = [
    .flag(disguised(true)), .flag(disguised(false)), .level(.low), .level(.high),
    .small(disguised(254)), .none, .one, .two,
  ]
  var digest = Digest()
  for value in spare {
    digest.add(number(value))
    digest.add(number(Optional(value) ?? .none))
    show("spare bits", number(value))
  }
  let mixed: [Mixed] = [
    .holed(Holed(first: disguised(0x1234), second: 0xfe, isSet: disguised(true))),
    .holed(Holed(first: 0xffff, second: disguised(1), isSet: false)),
    .wide(disguised(0xffff_fffe), true), .wide(1, disguised(false)), .bytes(1, 2, disguised(3)),
    .empty, .void,
  ]
  for value in mixed { show("mixed payloads", number(value)) }
  let owned = Owned(disguised(77))
  let references: [References?] = [
    .left(owned), .right(owned), .maybe(owned), .maybe(nil), .first, .second, .third, nil,
  ]
  for value in references { show("references", number(value)) }
  let wide: [Wide?] = [
    .pair(disguised(1 << 63), 2), .single(disguised(.max)), .optional(disguised(3)),
    .optional(nil), .nothing, nil,
  ]
  for value in wide { show("wide payloads", number(value)) }
  show(
    "sizes", MemoryLayout<Spare>.size, MemoryLayout<Holed>.stride, MemoryLayout<UInt8???>.size,
    MemoryLayout<Bool?>.size, MemoryLayout<Level?>.size)
  show(
    "sizes", MemoryLayout<UInt64?>.size, MemoryLayout<UInt64?>.stride,
    MemoryLayout<Mixed>.alignment, MemoryLayout<Owned?>.size, digest)
}

private func number(_ value: Spare) -> UInt64 {
  switch value {
  case .flag(let flag): flag ? 11 : 10
  case .level(let level): 1000 + UInt64(level.rawValue)
  case .small(let small): 2000 + UInt64(small)
  case .none: 1
  case .one: 2
  case .two: 3
  }
}

private func number(_ value: Mixed) -> UInt64 {
  switch value {
  case .holed(let holed):
    UInt64(holed.first) << 16 | UInt64(holed.second) << 8 | (holed.isSet ? 1 : 0)
  case .wide(let wide, let flag): UInt64(wide) << 8 | (flag ? 3 : 2)
  case .bytes(let first, let second, let third):
    UInt64(first) << 48 | UInt64(second) << 40 | UInt64(third) << 32
  case .empty: 4
  case .void: 5
  }
}

private func number(_ value: References?) -> UInt32 {
  switch value {
  case .left(let owned)?: 1000 + owned.number
  case .right(let owned)?: 2000 + owned.number
  case .maybe(let owned?)?: 3000 + owned.number
  case .maybe(nil)?: 4
  case .first?: 5
  case .second?: 6
  case .third?: 7
  case nil: 8
  }
}

private func number(_ value: Wide?) -> UInt64 {
  switch value {
  case .pair(let left, let right)?: left | right
  case .single(let single)?: single
  case .optional(let optional)?: optional ?? 4
  case .nothing?: 5
  case nil: 6
  }
}
