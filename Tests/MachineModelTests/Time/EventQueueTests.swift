import Testing

@testable import MachineModel

struct EventQueueTests {
  @Test func entriesOfOneTimeComeInTheOrderOfScheduling() {
    var queue = EventQueue()
    for token in 0..<100 as Range<UInt64> {
      _ = queue.schedule(at: token % 3, target: 0, token: token)
    }
    var seen: [UInt64] = []
    while let due = queue.popFirst(notAfter: 10) { seen.append(due.token) }
    let expected = (0..<3 as Range<UInt64>).flatMap { time in
      (0..<100 as Range<UInt64>).filter { $0 % 3 == time }
    }
    #expect(seen == expected)
    #expect(queue.nextTime == .max)
  }

  @Test func nothingComesBeforeItsTime() {
    var queue = EventQueue()
    _ = queue.schedule(at: 5, target: 0, token: 1)
    #expect(queue.popFirst(notAfter: 4) == nil)
    #expect(queue.popFirst(notAfter: 5)?.token == 1)
  }

  @Test func anOldIdentifierCancelsNothingInAReusedSlot() {
    var queue = EventQueue()
    let old = queue.schedule(at: 1, target: 0, token: 1)
    _ = queue.popFirst(notAfter: 1)
    _ = queue.schedule(at: 2, target: 0, token: 2)
    queue.cancel(old)
    #expect(queue.count == 1)
    #expect(queue.popFirst(notAfter: 2)?.token == 2)
  }

  @Test func randomSchedulesAndCancelsFollowASortedList() {
    var random = RandomStream(seed: 7, name: "queue")
    var queue = EventQueue()
    var model: [(time: UInt64, order: UInt64, target: Int32, id: EventID)] = []
    var order: UInt64 = 0
    for _ in 0..<20_000 {
      switch random.next(below: 5) {
      case 0, 1:
        let time = random.next(below: 50)
        let target = Int32(random.next(below: 3))
        let id = queue.schedule(at: time, target: target, token: order)
        model.append((time, order, target, id))
        order += 1
      case 2:
        if model.isEmpty { continue }
        let victim = model.remove(at: Int(random.next(below: UInt64(model.count))))
        queue.cancel(victim.id)
        queue.cancel(victim.id)
      case 3:
        if random.next(below: 40) != 0 { continue }
        queue.cancelAll(target: 1)
        model.removeAll { $0.target == 1 }
      default:
        let limit = random.next(below: 50)
        let expected = model.min { ($0.time, $0.order) < ($1.time, $1.order) }
        let due = queue.popFirst(notAfter: limit)
        if let expected, expected.time <= limit {
          #expect(due?.token == expected.order)
          model.removeAll { $0.order == expected.order }
        } else {
          #expect(due == nil)
        }
      }
      #expect(queue.count == model.count)
      #expect(queue.nextTime == model.map(\.time).min() ?? .max)
    }
  }

  @Test func streamsOfOneSeedDifferByNameAndRepeat() {
    var first = RandomStream(seed: 3, name: "a")
    var again = RandomStream(seed: 3, name: "a")
    var other = RandomStream(seed: 3, name: "b")
    let values = (0..<8).map { _ in first.next() }
    #expect(values == (0..<8).map { _ in again.next() })
    #expect(values != (0..<8).map { _ in other.next() })
  }
}

extension EventQueue.Due: Equatable {
  static func == (left: EventQueue.Due, right: EventQueue.Due) -> Bool {
    left.time == right.time && left.target == right.target && left.token == right.token
  }
}
