/// The random numbers of one step: they depend on the seed and the step's number alone.
///
/// So a step that is left out changes nothing of what the others draw.
struct StepRandom {
  private var mixer: SplitMix64

  init(seed: UInt64, step: Int) {
    mixer = SplitMix64(seed: seed &* 0xd6e8_feb8_6659_fd93 ^ UInt64(bitPattern: Int64(step)))
    mixer = SplitMix64(seed: mixer.next())
  }

  /// A number from 0 up to but not including `bound`; 0 for a bound of 0 or less.
  mutating func below(_ bound: Int) -> Int {
    Int(word().multipliedFullWidth(by: UInt64(max(bound, 0))).high)
  }

  /// True once in so many times.
  mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  /// 64 bits.
  mutating func word() -> UInt64 { mixer.next() }

  /// An element, or `nil` of none.
  mutating func element<Element>(of list: [Element]) -> Element? {
    list.isEmpty ? nil : list[below(list.count)]
  }

  /// A number of pages, mostly few: 1 to `most`.
  mutating func pages(most: Int) -> Int {
    let scale = below(100)
    let bound = scale < 60 ? 3 : scale < 85 ? 16 : scale < 96 ? 64 : most
    return 1 + below(min(bound, max(most, 1)))
  }
}

extension RandomStream {
  /// An element of a list that is not empty.
  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int(next(below: UInt64(list.count)))]
  }

  /// A number from `range`.
  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next(below: UInt64(range.count)))
  }

  /// True once in so many times.
  mutating func oneIn(_ times: UInt64) -> Bool { next(below: times) == 0 }
}
