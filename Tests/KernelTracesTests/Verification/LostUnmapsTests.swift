import Testing

@testable import KernelTraces

@Suite("Unmaps that a trace has lost")
struct LostUnmapsTests {
  /// A step of one page a microsecond after the one before it.
  private static func steps(
    _ kinds: (KernelStep.Kind, page: UInt64, buffer: UInt64?)...
  ) -> [KernelStep] {
    kinds.enumerated().map { number, step in
      KernelStep(
        kind: step.0, time: UInt64(number) * 1_000, cpu: 0, task: 1, line: number + 1,
        first: step.page, pages: 1, buffer: step.buffer, earliest: number)
    }
  }

  @Test("are known by their addresses, which are handed out again")
  func address() throws {
    let lost = LostUnmaps(
      Self.steps((.allocate, 1, nil), (.allocate, 2, nil), (.allocate, 1, nil), (.free, 2, nil)))
    let unmap = try #require(lost.unmaps.first)
    #expect(lost.unmaps.count == 1)
    #expect(unmap.evidence == .addressesReused)
    #expect(unmap.run == PageRun(first: 1, pages: 1))
    #expect(unmap.before == 2)
    #expect(lost.livePages == 1)
    #expect(lost.unknown == 0)
  }

  @Test("are known by their buffer, which is mapped again, and stand a usual lifetime later")
  func buffer() throws {
    let lost = LostUnmaps(
      Self.steps(
        (.allocate, 1, 70), (.allocate, 2, 71), (.free, 2, nil), (.allocate, 3, 72),
        (.allocate, 4, 70), (.free, 3, nil), (.free, 4, nil)))
    let unmap = try #require(lost.unmaps.first)
    #expect(lost.unmaps.count == 1)
    #expect(unmap.evidence == .bufferReused)
    #expect(unmap.run.first == 1)
    // Lifetimes are 1, 2 and 2 µs: 2 µs after its map, before step 2.
    #expect(unmap.before == 2)
    #expect(lost.livePages == 0)
  }

  @Test("stand before what proves them, however long mappings usually live")
  func placement() throws {
    let lost = LostUnmaps(
      Self.steps(
        (.allocate, 9, 90), (.allocate, 1, 70), (.allocate, 1, 71), (.allocate, 5, 75),
        (.free, 9, nil)))
    #expect(lost.unmaps.map(\.before) == [2])
  }

  @Test("are none where a buffer is mapped twice and each mapping is unmapped later")
  func twice() {
    let lost = LostUnmaps(
      Self.steps(
        (.allocate, 1, 70), (.allocate, 2, 70), (.free, 1, nil), (.free, 2, nil),
        (.allocate, 3, 70), (.free, 3, nil)))
    #expect(lost.unmaps.isEmpty)
  }

  @Test("count once where both address and buffer tell, before the earlier of the two")
  func both() throws {
    let lost = LostUnmaps(
      Self.steps((.allocate, 1, 70), (.allocate, 5, 70), (.free, 5, nil), (.allocate, 1, 71)))
    #expect(lost.unmaps.count == 1)
    #expect(lost.unmaps.first.map { $0.before <= 1 } == true)
  }

  @Test("are not guessed for what lives when the trace ends, nor from lists without a buffer")
  func live() {
    let lost = LostUnmaps(Self.steps((.allocate, 1, 70), (.allocate, 2, nil), (.allocate, 3, nil)))
    #expect(lost.unmaps.isEmpty)
    #expect(lost.livePages == 3)
    #expect(lost.liveUnidentified == 2)
  }

  @Test("an unmap of what was never mapped is a lost map, and one in two parts is not")
  func unknown() {
    var parts = Self.steps((.allocate, 1, nil), (.free, 1, nil), (.free, 2, nil), (.free, 9, nil))
    parts[0].pages = 2
    let lost = LostUnmaps(parts)
    #expect(lost.unknown == 1)
    #expect(lost.livePages == 0)
  }

  @Test("steps of no pages tell nothing")
  func nothing() {
    var steps = Self.steps((.allocate, 1, 70), (.allocate, 2, 70), (.allocate, 3, 70))
    for index in steps.indices { steps[index].pages = 0 }
    #expect(LostUnmaps(steps).unmaps.isEmpty)
  }

  @Test("many of them, each a whole trace away from its map, stand right before what proves them")
  func many() {
    let count = 5_000
    var steps: [KernelStep] = []
    for number in 0..<(2 * count) {
      steps.append(
        KernelStep(
          kind: .allocate, time: UInt64(number), cpu: 0, task: 1, line: number,
          first: UInt64(number % count) + 1, pages: 1, earliest: number))
    }
    // One mapping that lives from the start to the end makes the usual lifetime long.
    steps[0].first = 0
    steps.append(steps[0])
    steps[steps.count - 1].kind = .free
    steps[steps.count - 1].time = UInt64(steps.count)
    let lost = LostUnmaps(steps)
    #expect(lost.unmaps.count == count - 1)
    #expect(lost.unmaps.allSatisfy { Int($0.run.first) - 1 + count == $0.before })
  }
}
