/// Marsaglia's xorshift with 64 bits of state: three shifts, the same in every run.
struct Randomness {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  /// The next number.
  @inline(__always)
  mutating func next() -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state
  }

  /// A number below `bound`, which is at most 2^32: a multiplication, not a division.
  @inline(__always)
  mutating func next(below bound: UInt64) -> UInt64 {
    ((next() &>> 32) &* bound) &>> 32
  }
}
