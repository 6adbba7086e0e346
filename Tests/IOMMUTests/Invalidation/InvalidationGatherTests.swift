import IOMMU
import Testing

@Suite("Invalidation gather")
struct InvalidationGatherTests {
  @Test("The range is the union of all that was added, the pages their sum")
  func union() {
    var gather = InvalidationGather()
    gather.add(IOVARange(first: IOVA(0x3000), last: IOVA(0x4fff))!, pages: PageCount(2))
    gather.add(IOVARange(first: IOVA(0x1000), last: IOVA(0x1fff))!, pages: PageCount(1))
    #expect(gather.range == IOVARange(first: IOVA(0x1000), last: IOVA(0x4fff))!)
    #expect(gather.pages == PageCount(3))
  }

  @Test("Merging with nothing changes nothing, in either direction")
  func merge() {
    var gather = InvalidationGather()
    gather.add(IOVARange(first: IOVA(0), last: IOVA(.max))!, pages: PageCount(7))
    gather.merge(InvalidationGather())
    #expect(gather.pages == PageCount(7))
    var empty = InvalidationGather()
    empty.merge(gather)
    #expect(empty.range == gather.range)
    #expect(empty.pages == PageCount(7))
  }
}
