/// A generator whose whole state is one counter; it turns a seed into well mixed numbers.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, figure 16.
struct SplitMix: Sendable {
  private var counter: UInt64

  init(seed: UInt64) {
    counter = seed
  }

  /// The generator of run number `run` of `seed`.
  init(seed: UInt64, run: UInt64) {
    var root = SplitMix(seed: seed)
    counter = root.next() ^ run &* 0xd134_2543_de82_ef95
  }

  mutating func next() -> UInt64 {
    counter &+= 0x9e37_79b9_7f4a_7c15
    var mixed = counter
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }

  /// A number below `bound`, which is 1 or more; the bias is below `bound` / 2^64.
  mutating func next(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
