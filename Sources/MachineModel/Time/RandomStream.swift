/// A stream of pseudo-random numbers that depends on a seed and a name alone.
///
/// Each part of a machine draws from a stream of its own, so that one part drawing more often does
/// not change what another sees. The generator is xoshiro256**, its state filled by SplitMix64, as
/// its authors advise (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
/// 2021, section 3 and appendix).
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// The stream called `name` of the root `seed`.
  public init(seed: UInt64, name: StaticString) {
    // FNV-1a over the name's bytes tells the streams of one seed apart.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.description.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    var mixer = SplitMix64(seed: seed ^ hash)
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product &<< 7 | product &>> 57) &* 9
    let shifted = state.1 &<< 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 &<< 45 | state.3 &>> 19
    return result
  }

  /// A number from 0 up to but not including `bound`, which is 1 or more; 0 for a bound of 0.
  ///
  /// The high half of a 128-bit product: its bias is below 2 to the power -64 times `bound`.
  public mutating func next(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }
}

/// A generator whose whole state is one counter; it turns a seed into well mixed numbers.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure 16.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var counter: UInt64

  /// The generator that `seed` begins.
  public init(seed: UInt64) {
    counter = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    counter &+= 0x9e37_79b9_7f4a_7c15
    var mixed = counter
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }
}
