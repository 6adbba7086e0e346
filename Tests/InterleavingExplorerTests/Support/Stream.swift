#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Random numbers that a seed determines: SplitMix64.
struct Stream: RandomNumberGenerator {
  private var counter: UInt64
  init(seed: UInt64) { counter = seed &* 0x9e37_79b9_7f4a_7c15 }
  mutating func next() -> UInt64 {
    counter &+= 0x9e37_79b9_7f4a_7c15
    var mixed = counter
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }
}
