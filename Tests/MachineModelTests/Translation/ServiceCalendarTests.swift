import Testing

@testable import MachineModel

struct ServiceCalendarTests {
  @Test func requestsInOrderFollowOneAnother() {
    var calendar = ServiceCalendar()
    #expect(calendar.take(10, from: 100) == 100)
    #expect(calendar.take(10, from: 105) == 110)
    #expect(calendar.take(5, from: 110) == 120)
    #expect(calendar.firstFree(from: 100) == 125)
    #expect(calendar.take(5, from: 200) == 200)
  }

  @Test func anEarlierRequestGetsTheGapIfItFits() {
    var calendar = ServiceCalendar()
    _ = calendar.take(10, from: 0)
    _ = calendar.take(10, from: 100)
    #expect(calendar.firstFree(from: 5) == 10)
    #expect(calendar.take(90, from: 5) == 10)
    #expect(calendar.take(1, from: 5) == 110)
  }

  @Test func randomRequestsGetTheFirstTimeThatFits() {
    var random = RandomStream(seed: 9, name: "calendar")
    var calendar = ServiceCalendar()
    var taken = Set<UInt64>()
    var forgotten: UInt64 = 0
    for _ in 0..<3_000 {
      if random.next(below: 20) == 0 {
        forgotten += random.next(below: 100)
        calendar.forget(before: forgotten)
      }
      let from = forgotten + random.next(below: 300)
      let duration = random.next(below: 12)
      var expected = from
      while taken.contains(expected) { expected += 1 }
      #expect(calendar.firstFree(from: from) == expected)
      while (0..<duration).contains(where: { taken.contains(expected + $0) }) { expected += 1 }
      #expect(calendar.take(duration, from: from) == expected)
      for offset in 0..<duration { taken.insert(expected + offset) }
    }
  }

  @Test func aGlobalRemovalEmptiesTheIOTLB() {
    var cache = IOTLB(pageCount: 8)
    let translation = CachedTranslation(physical: 0x5000, isWritable: true)
    for index in 0..<4 { cache.insert(translation, at: index) }
    #expect(cache.remove(first: 1, count: 2) == 2)
    #expect((0..<4).map { cache.translation(at: $0).isValid } == [true, false, false, true])
    cache.removeAll()
    #expect((0..<4).allSatisfy { !cache.translation(at: $0).isValid })
    cache.insert(translation, at: 3)
    #expect(cache.translation(at: 3) == translation)
  }
}
