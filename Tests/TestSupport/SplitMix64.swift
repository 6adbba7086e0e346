/// A seeded stream of random numbers, the same on every machine.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }
}

extension SplitMix64 {
  /// A number from 0 up to but not including `bound`, nearly uniform and cheap in debug builds.
  package mutating func below(_ bound: UInt64) -> UInt64 {
    (next() &>> 16) % bound
  }

  /// Whether an event of probability one in `odds` happens.
  package mutating func oneIn(_ odds: UInt64) -> Bool {
    below(odds) == 0
  }
}
