import IOMMU
import TestSupport
import Testing

@Suite struct AddressRangeTests {
  private let top = IOVARange(first: IOVA(.max - 4_095), last: IOVA(.max))!

  @Test func rangeReachesTheTopOfTheSpace() {
    #expect(top.byteCount == 4_096)
    #expect(top.pageCount(of: .fourKiB) == PageCount(1))
    #expect(IOVARange(first: IOVA(.max), byteCount: 1) != nil)
    #expect(IOVARange(first: IOVA(.max), byteCount: 2) == nil)
    #expect(IOVARange(first: IOVA(5), byteCount: 0) == nil)
    #expect(IOVARange(first: IOVA(5), last: IOVA(4)) == nil)
  }

  @Test func wholeSpaceHasNoByteCount() {
    let all = IOVARange(first: IOVA(0), last: IOVA(.max))!
    #expect(all.byteCount == nil)
    #expect(all.byteCountMinusOne == .max)
    #expect(all.contains(top))
    #expect(all.pageCount(of: .fourKiB) == PageCount(1 << 52))
  }

  @Test func intersectionAndUnionAgreeWithSetsOfBytes() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<10_000 {
      let bounds = (0..<4).map { _ in UInt64.random(in: 0..<24, using: &random) }
      guard let left = IOVARange(first: IOVA(bounds[0]), last: IOVA(bounds[1])),
        let right = IOVARange(first: IOVA(bounds[2]), last: IOVA(bounds[3]))
      else { continue }
      let a = Set(bounds[0]...bounds[1])
      let b = Set(bounds[2]...bounds[3])
      let both = a.intersection(b)
      #expect(left.overlaps(right) == !both.isEmpty)
      #expect(left.contains(right) == a.isSuperset(of: b))
      #expect(left.intersection(right)?.first.rawValue == both.min())
      #expect(left.intersection(right)?.last.rawValue == both.max())
      #expect(left.union(right).first.rawValue == a.union(b).min())
      #expect(left.union(right).last.rawValue == a.union(b).max())
    }
  }

  @Test func addressArithmeticIsChecked() {
    #expect(IOVA(.max).advanced(by: 1) == nil)
    #expect(IOVA(3).distance(to: IOVA(2)) == nil)
    #expect(PageCount(.max).byteCount(of: .fourKiB) == nil)
    #expect(Granule(log2: 9) == nil && Granule(log2: 31) == nil)
    #expect(Instant(nanoseconds: .max).advanced(by: Nanoseconds(1)) == Instant(nanoseconds: .max))
    #expect(Instant(nanoseconds: 1).since(Instant(nanoseconds: 2)) == Nanoseconds(0))
  }
}
