import IOMMU
import TestSupport
import Testing

@Suite struct RolloverAllocatorTests {
  static let page: UInt64 = 4096
  let cpu = CPUIndex(0)

  /// An allocator over `pages` pages from `first`.
  func make(pages: UInt64, first: UInt64 = 0, cpus: Int = 1) throws -> RolloverAllocator {
    let aperture = try #require(
      IOVARange(first: IOVA(first * Self.page), byteCount: pages * Self.page))
    return RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: cpus)
  }

  func range(_ first: UInt64, _ count: UInt64) throws -> IOVARange {
    try #require(IOVARange(first: IOVA(first * Self.page), byteCount: count * Self.page))
  }

  func request(_ pages: UInt64) -> IOVARequest { IOVARequest(pages: PageCount(pages)) }

  @Test("Addresses are handed out in ascending order, and rise again after a flush")
  func sequence() throws {
    let allocator = try make(pages: 1_000, first: 77)
    for round in 0..<3 {
      for page in 77..<1_077 as Range<UInt64> {
        #expect(try allocator.allocate(request(1), on: cpu) == range(page, 1), "round \(round)")
      }
      #expect(throws: IOVAAllocationError.exhausted(pages: PageCount(1), limit: IOVA(.max))) {
        _ = try allocator.allocate(request(1), on: cpu)
      }
      for page in 77..<1_077 as Range<UInt64> {
        allocator.retire(try range(page, 1), at: Instant(nanoseconds: page), on: cpu)
      }
      #expect(throws: IOVAAllocationError.needsInvalidation(pages: PageCount(1))) {
        _ = try allocator.allocate(request(1), on: cpu)
      }
      #expect(allocator.stalePages == 1_000)
      allocator.endGlobalInvalidation(allocator.beginGlobalInvalidation())
      #expect(allocator.stalePages == 0)
    }
    #expect(allocator.globalInvalidations == 3)
  }

  @Test("An invalidation that began before a page was retired does not free it")
  func earlyInvalidation() throws {
    let allocator = try make(pages: 1)
    let only = try allocator.allocate(request(1), on: cpu)
    let early = allocator.beginGlobalInvalidation()
    allocator.retire(only, at: Instant(nanoseconds: 1), on: cpu)
    let late = allocator.beginGlobalInvalidation()
    allocator.endGlobalInvalidation(early)
    #expect(throws: IOVAAllocationError.needsInvalidation(pages: PageCount(1))) {
      _ = try allocator.allocate(request(1), on: cpu)
    }
    allocator.endGlobalInvalidation(late)
    #expect(try allocator.allocate(request(1), on: cpu) == only)
  }

  @Test("The last free page is found in another processor's chunk")
  func stealing() throws {
    let allocator = try make(pages: 512, cpus: 2)
    let other = CPUIndex(1)
    let first = try allocator.allocate(request(1), on: other)
    for _ in 0..<511 { _ = try allocator.allocate(request(1), on: cpu) }
    #expect(throws: IOVAAllocationError.self) { _ = try allocator.allocate(request(1), on: cpu) }
    allocator.free(first, on: cpu)
    #expect(try allocator.allocate(request(1), on: cpu) == first)
  }

  @Test("Pages freed in a chunk that was given up are found again, one or the whole chunk")
  func freedLater() throws {
    let allocator = try make(pages: 1_024)
    for _ in 0..<1_024 { _ = try allocator.allocate(request(1), on: cpu) }
    allocator.free(try range(5, 1), on: cpu)
    #expect(try allocator.allocate(request(1), on: cpu) == range(5, 1))
    allocator.free(try range(300, 3), on: cpu)
    #expect(try allocator.allocate(request(3), on: cpu) == range(300, 3))
    for page in (512..<768 as Range<UInt64>).reversed() {
      allocator.free(try range(page, 1), on: cpu)
    }
    #expect(try allocator.allocate(request(256), on: cpu) == range(512, 256))
  }

  @Test("Pages retired while a range invalidation is under way stay stale")
  func retiredMeanwhile() throws {
    let allocator = try make(pages: 256)
    for page in 0..<10 as Range<UInt64> {
      let range = try allocator.allocate(request(1), on: cpu)
      if page < 5 { allocator.retire(range, at: Instant(nanoseconds: 10 + page), on: cpu) }
    }
    #expect(allocator.oldestStale == Instant(nanoseconds: 10))
    let oldest = allocator.nextStaleSpan(olderThan: nil, maxPages: PageCount(1_000))
    let span = try range(0, 5)
    #expect(oldest == span)
    let invalidation = allocator.beginRangeInvalidation(span)
    #expect(invalidation.pages == PageCount(5))
    #expect(allocator.nextStaleSpan(olderThan: nil, maxPages: PageCount(9)) == nil)
    allocator.retire(try range(5, 1), at: Instant(nanoseconds: 40), on: cpu)
    allocator.retire(try range(6, 1), at: Instant(nanoseconds: 50), on: cpu)
    allocator.endRangeInvalidation(invalidation, succeeded: true)
    #expect(allocator.stalePages == 2)
    #expect(allocator.oldestStale == Instant(nanoseconds: 40))
    #expect(
      allocator.nextStaleSpan(olderThan: Instant(nanoseconds: 39), maxPages: PageCount(9)) == nil)
  }

  @Test("A failed range invalidation leaves everything stale and as old as before")
  func failedRange() throws {
    let allocator = try make(pages: 256)
    let range = try allocator.allocate(request(8), on: cpu)
    allocator.retire(range, at: Instant(nanoseconds: 7), on: cpu)
    allocator.endRangeInvalidation(allocator.beginRangeInvalidation(range), succeeded: false)
    #expect(allocator.stalePages == 8)
    #expect(allocator.oldestStale == Instant(nanoseconds: 7))
  }

  @Test("One span covers what was retired in sequence over several chunks")
  func spanOverChunks() throws {
    let allocator = try make(pages: 2_048)
    for page in 0..<1_500 as Range<UInt64> {
      let range = try allocator.allocate(request(1), on: cpu)
      if page >= 200 { allocator.retire(range, at: Instant(nanoseconds: page), on: cpu) }
    }
    let all = allocator.nextStaleSpan(
      olderThan: Instant(nanoseconds: 250), maxPages: PageCount(2_048))
    #expect(try all == range(200, 1_300))
    let part = allocator.nextStaleSpan(olderThan: nil, maxPages: PageCount(400))
    #expect(try part == range(200, 400))
  }

  @Test("A range is widened over stale neighbours on both sides, not over live ones")
  func neighbourhood() throws {
    let allocator = try make(pages: 1_024)
    for _ in 0..<600 { _ = try allocator.allocate(request(1), on: cpu) }
    for page in 200..<500 as Range<UInt64> where page != 400 && page != 210 {
      allocator.retire(try range(page, 1), at: Instant(nanoseconds: 1), on: cpu)
    }
    let wide = allocator.staleNeighbourhood(of: try range(400, 1), limitPages: PageCount(1_000))
    #expect(try wide == range(200, 300))
    let narrow = allocator.staleNeighbourhood(of: try range(400, 1), limitPages: PageCount(11))
    #expect(try narrow == range(390, 11))
    let alone = try range(550, 2)
    #expect(allocator.staleNeighbourhood(of: alone, limitPages: PageCount(1_000)) == alone)
  }

  @Test("A look that finds nothing stale ends after a twelfth of its limit, on both sides")
  func shortLooks() throws {
    let allocator = try make(pages: 4_096)
    for _ in 0..<2_000 { _ = try allocator.allocate(request(1), on: cpu) }
    for page in 1_536..<1_600 as Range<UInt64> {
      let one = try range(page, 1)
      #expect(allocator.staleNeighbourhood(of: one, limitPages: PageCount(1_024)) == one)
    }
    // 86 pages or more on each side: two words, or three where less than 22 lie in the first.
    #expect(allocator.neighbourWords == 2 * (64 * 2 + 21))
  }

  @Test("Reserved pages are never handed out, and split the aperture")
  func reserved() throws {
    let allocator = try make(pages: 600)
    allocator.reserve(try range(250, 20))
    allocator.reserve(try range(260, 10))
    #expect(allocator.livePages == 0)
    #expect(throws: IOVAAllocationError.exhausted(pages: PageCount(331), limit: IOVA(.max))) {
      _ = try allocator.allocate(request(331), on: cpu)
    }
    #expect(try allocator.allocate(request(330), on: cpu) == range(270, 330))
    #expect(try allocator.allocate(request(250), on: cpu) == range(0, 250))
    #expect(allocator.livePages == 580)
  }

  @Test("A long run that meets a reserved page is undone and found elsewhere")
  func undoneRun() throws {
    let allocator = try make(pages: 2_048)
    allocator.reserve(try range(700, 1))
    #expect(try allocator.allocate(request(1_000), on: cpu) == range(701, 1_000))
    #expect(allocator.livePages == 1_000)
    #expect(try allocator.allocate(request(700), on: cpu) == range(0, 700))
  }

  @Test("Pages freed by one of many unfinished invalidations are found, and no others")
  func manyUnfinished() throws {
    let allocator = try make(pages: 6 * 256)
    for _ in 0..<6 { _ = try allocator.allocate(request(256), on: cpu) }
    var epochs: [InvalidationEpoch] = []
    for chunk in 0..<6 as Range<UInt64> {
      allocator.retire(try range(chunk * 256, 256), at: Instant(nanoseconds: chunk), on: cpu)
      epochs.append(allocator.beginGlobalInvalidation())
    }
    allocator.endGlobalInvalidation(epochs[3])
    for _ in 0..<1_024 { _ = try allocator.allocate(request(1), on: cpu) }
    #expect(throws: IOVAAllocationError.needsInvalidation(pages: PageCount(1))) {
      _ = try allocator.allocate(request(1), on: cpu)
    }
    allocator.endGlobalInvalidation(epochs[5])
    #expect(allocator.stalePages == 0)
    for _ in 0..<512 { _ = try allocator.allocate(request(1), on: cpu) }
  }

  @Test("The oldest stale page is told even where pages are retired out of order")
  func retiredOutOfOrder() throws {
    let allocator = try make(pages: 80 * 256)
    var random = SplitMix64(seed: 9)
    var oldest: UInt64 = .max
    for chunk in 0..<80 as Range<UInt64> {
      let range = try allocator.allocate(request(256), on: cpu)
      let time = 10_000 - chunk * 50 + random.below(3_000)
      allocator.retire(range, at: Instant(nanoseconds: time), on: cpu)
      oldest = min(oldest, time)
      #expect(allocator.oldestStale == Instant(nanoseconds: oldest))
      if chunk == 40 { _ = allocator.beginGlobalInvalidation() }
    }
  }

  @Test("The top of the address space can be handed out")
  func topOfSpace() throws {
    let aperture = try #require(IOVARange(first: IOVA(.max - 0x3fff), last: IOVA(.max)))
    let allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 1)
    #expect(try allocator.allocate(request(4), on: cpu) == aperture)
  }

  @Test("An aperture is narrowed to whole granules")
  func raggedAperture() throws {
    let ragged = try #require(IOVARange(first: IOVA(1), last: IOVA(3 * Self.page)))
    let allocator = RolloverAllocator(aperture: ragged, granule: .fourKiB, cpus: 1)
    #expect(try allocator.aperture == range(1, 2))
  }

  @Test("Requests that no state could meet are told from those that have to wait")
  func impossible() throws {
    let allocator = try make(pages: 64, first: 256)
    let hopeless = [
      request(0), request(65), IOVARequest(pages: PageCount(1), limit: IOVA(256 * Self.page)),
      IOVARequest(pages: PageCount(1), alignmentLog2: 9),
      IOVARequest(pages: PageCount(1), alignmentLog2: 255),
      IOVARequest(pages: PageCount(2), boundaryMask: 0xfff),
      IOVARequest(pages: PageCount(1), boundaryMask: 0x7ff),
      IOVARequest(pages: PageCount(.max)),
    ]
    for asked in hopeless {
      let error = IOVAAllocationError.impossible(pages: asked.pages, limit: asked.limit)
      #expect(throws: error) { _ = try allocator.allocate(asked, on: cpu) }
    }
    #expect(allocator.livePages == 0)
  }

  @Test("Giving back what is not live stops the program")
  func doubleRetire() async {
    await #expect(processExitsWith: .failure) {
      let aperture = try #require(IOVARange(first: IOVA(0), last: IOVA(0xffff)))
      let allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 1)
      let range = try allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
      allocator.retire(range, at: Instant(nanoseconds: 0), on: .boot)
      allocator.retire(range, at: Instant(nanoseconds: 0), on: .boot)
    }
  }
}
