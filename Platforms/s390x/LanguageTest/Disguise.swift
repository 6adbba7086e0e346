import Synchronization

/// Nothing that the compiler could know: it holds 0, but is loaded atomically each time.
let disguise = Atomic<UInt64>(0)

/// A value that the compiler cannot compute with ahead of time.
func disguised<Number: FixedWidthInteger>(_ value: Number) -> Number {
  value ^ Number(truncatingIfNeeded: disguise.load(ordering: .relaxed))
}

func disguised(_ value: Bool) -> Bool { value != (disguise.load(ordering: .relaxed) != 0) }

/// How many requirements failed.
let failures = Atomic<Int>(0)

/// Tells of a requirement that fails; one that holds says nothing.
func require(_ holds: Bool, _ what: StaticString) {
  if holds { return }
  show("FAILED", what)
  failures.wrappingAdd(1, ordering: .relaxed)
}

/// Many values in one: each of them, and their order, changes it.
struct Digest {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add<Number: FixedWidthInteger>(_ number: Number) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01b3
    value ^= value &>> 29
  }

  mutating func add(_ flag: Bool) { add(flag ? 1 as UInt8 : 0) }

  mutating func add<Number: FixedWidthInteger>(_ pair: (partialValue: Number, overflow: Bool)) {
    add(pair.partialValue)
    add(pair.overflow)
  }

  mutating func add<Number: FixedWidthInteger>(_ pair: (oldValue: Number, newValue: Number)) {
    add(pair.oldValue)
    add(pair.newValue)
  }

  mutating func add<Number: FixedWidthInteger>(_ pair: (exchanged: Bool, original: Number)) {
    add(pair.exchanged)
    add(pair.original)
  }
}

/// Numbers that are the same in every run, with the edges of their type often among them.
struct Numbers {
  var state: UInt64

  init(seed: UInt64) { state = disguised(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }

  mutating func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
    switch next() & 7 {
    case 0: return .min
    case 1: return .max
    case 2: return 0
    case 3: return Number(truncatingIfNeeded: next()) &>> Number(Number.bitWidth / 2)
    default: return Number(truncatingIfNeeded: next())
    }
  }
}
