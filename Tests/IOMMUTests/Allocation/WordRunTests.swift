import Testing

@testable import IOMMU

/// Runs of bits in words, against one bit after the other.
@Suite struct WordRunTests {
  private static let bits = 320

  @Test("runs of bits are set, looked at and cleared as bit by bit")
  func runs() {
    for first in 0..<Self.bits {
      for count in 1...(Self.bits - first) where count < 4 || count % 31 == 1 {
        let words = FixedStorage<UInt64>(count: 10) { _ in 0 }
        let run = WordRun(first: UInt64(first), count: UInt64(count))
        words.set(run, from: 5)
        let set = (0..<Self.bits).filter { words[5 + $0 / 64] >> UInt64($0 % 64) & 1 == 1 }
        #expect(set == Array(first..<first + count))
        let isSet = words.isClear(run, inverting: .max, from: 5)
        let isClear = words.isClear(run, inverting: 0, from: 5)
        let isBelowClear = words.isClear(run, inverting: 0)
        #expect(isSet && !isClear && isBelowClear)
        // A single bit within makes all the difference.
        for bit in [first, first + count / 2, first + count - 1] {
          words[5 + bit / 64] ^= 1 << UInt64(bit % 64)
          let isWhole = words.isClear(run, inverting: .max, from: 5)
          #expect(!isWhole)
          words[5 + bit / 64] ^= 1 << UInt64(bit % 64)
        }
        let lower = FixedStorage<UInt64>(count: 5) { _ in .max }
        lower.clear(run)
        let left = (0..<Self.bits).filter { lower[$0 / 64] >> UInt64($0 % 64) & 1 == 0 }
        #expect(left == set)
        lower.subtract(emptying: words, from: 5)
        let sum = (0..<10).reduce(0 as UInt64) { $0 | words[$1] }
        #expect(sum == 0)
      }
    }
  }

  @Test("the first bit is found, and the words on the way to it are counted")
  func firstBit() {
    let words = FixedStorage<UInt64>(count: 5) { _ in 0 }
    words[3] = 1 << 7
    for (from, limit, found, read) in [
      (0, 320, 199, 4), (199, 320, 199, 1), (200, 320, 320, 2), (0, 128, 128, 2), (5, 5, 5, 0),
      (190, 193, 193, 2), (190, 199, 199, 2),
    ] as [(UInt64, UInt64, UInt64, UInt64)] {
      var count: UInt64 = 0
      let bit = words.firstBit(from: from, below: limit, inverting: 0, &count)
      #expect(bit == found && count == read, "from \(from) below \(limit)")
    }
  }

  @Test("many ranges go back as one by one, into magazines and the tree")
  func freeAll() throws {
    let aperture = try #require(IOVARange(first: IOVA(1 << 20), byteCount: 1 << 28))
    var outcomes: [[IOVARange]] = []
    for together in [false, true] {
      let allocator = TreeAllocator(
        aperture: aperture, granule: .fourKiB, flavour: .linux6_12, cpus: 1, forceDAC: true,
        capacity: 4_096)
      var ranges: [IOVARange] = []
      for number in 0..<600 {
        // Runs of one size, longer than a magazine, and all sizes mixed.
        let pages = number < 300 ? 1 : UInt64([1, 2, 7, 32, 33, 100][number % 6])
        ranges.append(try allocator.allocate(IOVARequest(pages: PageCount(pages)), on: .boot))
      }
      if together {
        var next = 0
        allocator.freeAll(on: .boot) {
          defer { next += 1 }
          return next < ranges.count ? ranges[next] : nil
        }
      } else {
        for range in ranges { allocator.free(range, on: .boot) }
      }
      // What comes out again says what went where.
      outcomes.append(
        try (0..<600).map { number in
          let pages = UInt64([1, 2, 7, 32, 33, 100][number % 6])
          return try allocator.allocate(IOVARequest(pages: PageCount(pages)), on: .boot)
        })
    }
    #expect(outcomes[0] == outcomes[1])
  }
}
