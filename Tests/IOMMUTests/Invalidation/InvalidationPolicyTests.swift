import IOMMU
import Testing

@Suite struct InvalidationPolicyTests {
  @Test("A share of an aperture is its exact part rounded down, and at least one page")
  func shareOfPages() throws {
    let apertures: [UInt64] = [0, 1, 999, 1_000, 1_001, 262_144, 1 << 52, .max - 1, .max]
    for perMille in UInt16(1)...1_000 {
      let share = try #require(StaleShare(perMille: perMille))
      for pages in apertures {
        let exact = UInt128(pages) * UInt128(perMille) / 1_000
        #expect(share.pages(of: PageCount(pages)).rawValue == UInt64(max(exact, 1)))
      }
    }
  }

  @Test("A share is more than none and at most all", arguments: [0, 1_001, .max] as [UInt16])
  func shareBounds(perMille: UInt16) {
    #expect(StaleShare(perMille: perMille) == nil)
  }

  @Test("A ring has a power of two of entries, from 2 to 2 to the 20")
  func rings() {
    var sizes: [Int] = []
    for entries in -4...(1 << 21) where InvalidationPolicy.isValidRing(entries: entries) {
      sizes.append(entries)
    }
    #expect(sizes == (1...20).map { 1 << $0 })
    #expect(!InvalidationPolicy.isValidRing(entries: .max))
    #expect(!InvalidationPolicy.isValidRing(entries: .min))
  }

  @Test("A policy whose payload cannot work is not valid")
  func validity() {
    let instant = Nanoseconds(0)
    #expect(!InvalidationPolicy.queue(entries: 256, timeout: instant).isValid)
    #expect(!InvalidationPolicy.singleQueue(entries: 3, timeout: .milliseconds(1)).isValid)
    #expect(!InvalidationPolicy.rollover(age: instant, stale: nil).isValid)
    #expect(InvalidationPolicy.rollover(age: nil, stale: nil).isValid)
    #expect(InvalidationPolicy.queue(entries: 256, timeout: .milliseconds(10)).isValid)
  }

  @Test("Modifiers are a set, and bits that name none are dropped")
  func modifiers() {
    let both = PolicyModifiers.batch.union(.reuse)
    #expect(both.contains(.batch) && both.contains(.reuse) && both.contains(.none))
    #expect(!both.contains(.piggyback))
    #expect(!PolicyModifiers.batch.contains(both))
    #expect(PolicyModifiers(rawValue: 0xff) == both.union(.piggyback))
  }
}
