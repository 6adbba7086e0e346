import IOMMU
import Testing

@Suite struct SchemeTests {
  @Test func rolloverInvalidatesOnlyWhenAddressesRunOut() throws {
    let bench = try TestBench(rollover(pages: 256))
    for page in 0..<256 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters.globals == 0)
    #expect(bench.domain.staleWindow.stalePages == 256)
    let mapping = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
    #expect(bench.domain.counters[.exhaustion] == 1)
    #expect(bench.domain.staleWindow.stalePages == 0)
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func rolloverWithNothingStaleSaysExhaustedAtOnce() throws {
    let bench = try TestBench(rollover(pages: 256))
    let all = try bench.domain.map(buffer(0, pages: 256), ToDevice.self, on: .boot)
    #expect(throws: MapError.self) {
      let mapping = try bench.domain.map(buffer(1), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters.globals == 0)
    bench.domain.unmap(all, on: .boot)
  }

  @Test func ageEndsStalenessByRangeInvalidationsWhereThoseAreCheaper() throws {
    let bench = try TestBench(rollover(pages: 1 << 18, age: .milliseconds(1)))
    for page in 0..<100 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    bench.timer.time += 999_999
    bench.fireTimers()
    #expect(bench.domain.staleWindow.stalePages == 100)
    bench.timer.time += 1
    bench.fireTimers()
    #expect(bench.domain.staleWindow.stalePages == 0)
    #expect(bench.domain.counters[.age] == 1)
    #expect(bench.domain.counters.globals == 0)
    #expect(bench.domain.staleWindow.longestTime == Nanoseconds(1_000_000))
  }

  @Test func staleShareBoundsTheNumberOfStalePages() throws {
    let bench = try TestBench(rollover(pages: 4_096, staleLimit: 64))
    for page in 0..<1_000 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
      #expect(bench.domain.staleWindow.stalePages <= 64)
    }
  }

  @Test func piggybackFreesStaleNeighboursWithoutAnInstructionOfItsOwn() throws {
    let options = PagingDomainOptions(modifiers: .piggyback)
    let bench = try TestBench(rollover(), options: options)
    for page in 0..<500 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters[.map] == 500)
    #expect(bench.domain.counters[.age] + bench.domain.counters.globals == 0)
    #expect(bench.domain.counters[.piggybackedPages] > 400)
    #expect(bench.domain.staleWindow.stalePages < 100)
  }

  @Test func queueFlushesWhenFullAndWhenTheTimeoutPasses() throws {
    let bench = try TestBench(queue(entries: 8))
    for page in 0..<7 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters.globals == 0)
    let eighth = try bench.domain.map(buffer(8), ToDevice.self, on: .boot)
    bench.domain.unmap(eighth, on: .boot)
    #expect(bench.domain.counters[.queueFull] == 1)
    // The eighth is queued, but its entry was cleared before the flush began: it is not stale.
    #expect(bench.domain.staleWindow.stalePages == 0)
    let ninth = try bench.domain.map(buffer(9), ToDevice.self, on: .boot)
    bench.domain.unmap(ninth, on: .boot)
    #expect(bench.domain.staleWindow.stalePages == 1)
    bench.timer.time += 10_000_000
    bench.fireTimers()
    #expect(bench.domain.counters[.timeout] == 1)
    #expect(bench.domain.staleWindow.stalePages == 0)
  }

  @Test func queueDoesNotFlushOnExhaustionJustAsLinux() throws {
    let bench = try TestBench(queue(pages: 8, entries: 64))
    for page in 0..<7 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(throws: MapError.self) {
      let mapping = try bench.domain.map(buffer(9), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters.globals == 0)
  }

  @Test func legacyFlushesAtEachWrapAround() throws {
    let bench = try TestBench(legacy(pages: 64))
    // 63 pages a round: the bitmap's last page is never handed out.
    for page in 0..<63 * 5 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
    }
    #expect(bench.domain.counters[.exhaustion] == 4)
    #expect(bench.domain.counters[.unmap] == 0)
  }

  @Test func parkedTranslationsAreGivenUpInTimeForTheirAge() throws {
    let options = PagingDomainOptions(modifiers: .reuse)
    let bench = try TestBench(
      rollover(pages: 1 << 18, age: .milliseconds(1)), options: options)
    for page in 0..<50 as Range<UInt64> {
      let mapping = try bench.domain.map(buffer(page), ToDevice.self, on: .boot)
      bench.domain.unmap(mapping, on: .boot)
      bench.timer.time += 10_000
      bench.fireTimers()
    }
    for _ in 0..<300 {
      bench.timer.time += 10_000
      bench.fireTimers()
    }
    #expect(bench.domain.staleWindow.stalePages == 0)
    #expect(bench.domain.staleWindow.longestTime <= Nanoseconds(1_050_000))
  }

  @Test func staleIntegralIsPagesTimesTime() throws {
    let bench = try TestBench(legacy())
    let mapping = try bench.domain.map(buffer(1, pages: 3), ToDevice.self, on: .boot)
    bench.domain.unmap(mapping, on: .boot)
    bench.timer.time += 500
    #expect(bench.domain.staleWindow.pageNanoseconds(at: bench.timer.now()) == 1_500)
    #expect(bench.domain.flushAll(.timeout, on: .boot))
    bench.timer.time += 500
    #expect(bench.domain.staleWindow.pageNanoseconds(at: bench.timer.now()) == 1_500)
    #expect(bench.domain.staleWindow.longestTime == Nanoseconds(500))
  }
}
