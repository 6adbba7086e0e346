import IOMMU
import Testing

@testable import MachineModel

@Suite("Repeating recorded work") struct ReplayRunTests {
  typealias Counts = ComparisonRow.Invalidations

  /// Runs on a machine of 1,024 pages of aperture whose hypervisor shadows the table.
  func run(
    _ stream: ReplayStream, _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers = .none,
    cpus: Int = 1, _ kind: TranslationKind = .shadowed
  ) throws -> ExperimentResult {
    var machine = Rig.small(kind)
    machine.cpus = cpus
    machine.allowsIdentity = true
    // Without translation, what the device can address has to hold all memory.
    if policy == .identity { machine.apertureBytes = machine.memoryBytes }
    let result = try Replay(machine: machine, stream: stream).run(PolicyChoice(policy, modifiers))
    #expect(result.violations.isEmpty, "\(result.violations)")
    #expect(result.audit.isBalanced && result.badRequests == 0)
    return result
  }

  let rollover = InvalidationPolicy.rollover(age: nil, stale: nil)

  @Test("Each map is announced, and only strict invalidates at each unmap")
  func counts() throws {
    let stream = Recording.pairs(10, spacing: 100)
    let strict = try run(stream, .strict)
    #expect(strict.requests == 10)
    #expect(strict.invalidations == Counts(map: 10, unmap: 10, global: 0))
    #expect(try run(stream, .legacy).invalidations == Counts(map: 10, unmap: 0, global: 0))
    #expect(try run(stream, rollover).invalidations == Counts(map: 10, unmap: 0, global: 0))
    #expect(try run(stream, .identity).invalidations == Counts(map: 0, unmap: 0, global: 0))
  }

  @Test("Where the hardware walks the table, maps are not announced")
  func direct() throws {
    let stream = Recording.pairs(10, spacing: 100)
    let strict = try run(stream, .strict, cpus: 1, .direct)
    #expect(strict.invalidations == Counts(map: 0, unmap: 10, global: 0))
  }

  @Test("The bitmap invalidates globally once for each turn through the aperture")
  func wrapAround() throws {
    // 1,024 pages: the second and third turn begin after 1,024 and 2,048 pages.
    let stream = Recording.pairs(2_100, spacing: 20)
    #expect(try run(stream, .legacy).invalidations == Counts(map: 2_100, unmap: 0, global: 2))
  }

  @Test("With batch one range invalidation announces a group")
  func batch() throws {
    var recording = Recording()
    for mapping in 0..<8 as Range<UInt64> { recording.map(mapping, at: mapping, page: mapping) }
    for mapping in 0..<8 as Range<UInt64> { recording.unmap(mapping, at: 100 + mapping) }
    let stream = recording.stream()
    #expect(try run(stream, rollover).invalidations.map == 8)
    #expect(try run(stream, rollover, .batch).invalidations.map == 1)
  }

  @Test("With reuse a page that comes back costs no invalidation")
  func reuse() throws {
    let same = Recording.pairs(10, spacing: 100, samePage: true)
    #expect(try run(same, rollover, .reuse).invalidations == Counts(map: 1, unmap: 0, global: 0))
    let others = Recording.pairs(10, spacing: 100)
    #expect(try run(others, rollover, .reuse).invalidations.map == 10)
  }

  @Test("A list is one mapping, announced and taken back at once")
  func lists() throws {
    var recording = Recording()
    recording.map(1, at: 0, .toDevice, runs: [(5, 1), (90, 2), (nil, 1)])
    recording.unmap(1, at: 50)
    let stream = recording.stream()
    let strict = try run(stream, .strict)
    #expect(strict.requests == 1)
    #expect(strict.invalidations == Counts(map: 1, unmap: 1, global: 0))
    #expect(strict.window.pages == 4)
    #expect(try run(stream, .identity).requests == 1)
  }

  @Test("A page is stale from its unmap to the end where nothing invalidates it")
  func staleness() throws {
    var recording = Recording()
    recording.map(1, at: 0, page: 1)
    recording.unmap(1, at: 1_000)
    recording.map(2, at: 11_000, page: 2)
    let stream = recording.stream()
    let legacy = try run(stream, .legacy)
    #expect(legacy.window.pages == 1)
    #expect((9_990_000...10_010_000).contains(legacy.window.longestNanoseconds))
    let strict = try run(stream, .strict)
    #expect(strict.window.pages == 1)
    #expect((1_000...10_000).contains(strict.window.longestNanoseconds))
  }

  @Test("An age bounds the stale window by range or global invalidations")
  func age() throws {
    let stream = Recording.pairs(100, spacing: 500)
    let policy = InvalidationPolicy.rollover(age: .milliseconds(1), stale: nil)
    let result = try run(stream, policy)
    #expect((1...1_200_000).contains(result.window.longestNanoseconds))
    #expect(result.invalidations.unmap + result.invalidations.global > 0)
  }

  @Test("A mapping that was unmapped in parts ends with its last part")
  func partialUnmaps() throws {
    var recording = Recording()
    recording.map(1, at: 0, runs: [(1, 4)])
    recording.unmapPart()
    recording.unmapPart()
    recording.unmap(1, at: 9)
    let stream = recording.stream()
    #expect(stream.partialUnmaps == 2)
    #expect(try run(stream, .strict).invalidations == Counts(map: 1, unmap: 1, global: 0))
  }

  @Test("What is live at the end is taken back, and not counted")
  func liveAtTheEnd() throws {
    var recording = Recording()
    recording.map(1, at: 0, page: 1)
    recording.map(2, at: 1, runs: [(2, 3), (9, 1)])
    let stream = recording.stream()
    #expect(try run(stream, .strict).invalidations == Counts(map: 2, unmap: 0, global: 0))
  }

  @Test("The rate is that of the processor's work, however far apart the steps are")
  func rate() throws {
    let close = try run(Recording.pairs(50, spacing: 100), .strict)
    let apart = try run(Recording.pairs(50, spacing: 10_000), .strict)
    let rate = try #require(close.rate)
    #expect(apart.rate == rate)
    // A trap of 1 us and 110 ns for the page, twice a pair.
    #expect(rate > 300_000 && rate < 1e9 / 2_220)
    #expect(try #require(run(Recording.pairs(50, spacing: 100), .identity).rate) > rate)
  }

  @Test("A map waits for its processor, and its latency tells")
  func openLoop() throws {
    var recording = Recording()
    for mapping in 0..<10 as Range<UInt64> { recording.map(mapping, at: 0, page: mapping) }
    let stream = recording.stream()
    let one = try run(stream, .strict)
    let p50 = try #require(one.latency.p50)
    let p999 = try #require(one.latency.p999)
    #expect(p999 > 1.5 * p50)
  }

  @Test(
    "Any work leaves every promise kept under every policy",
    arguments: [
      PolicyChoice(.identity), PolicyChoice(.strict), PolicyChoice(.legacy),
      PolicyChoice(.legacyStrict), PolicyChoice(.queue(entries: 16, timeout: .milliseconds(1))),
      PolicyChoice(.singleQueue(entries: 64, timeout: .milliseconds(10))),
      PolicyChoice(.rollover(age: nil, stale: nil)),
      PolicyChoice(.rollover(age: .milliseconds(1), stale: nil), .piggyback),
      PolicyChoice(.rollover(age: nil, stale: nil), .batch.union(.reuse)),
      PolicyChoice(.strict, .batch),
    ])
  func promises(policy: PolicyChoice) throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let stream = Recording.random(seed: seed, steps: 2_000)
      for kind in [TranslationKind.shadowed, .direct] {
        let result = try run(stream, policy.policy, policy.modifiers, cpus: 2, kind)
        #expect(result.requests == UInt64(stream.maps))
      }
    }
  }

  @Test("The same replay gives the same result")
  func determinism() throws {
    let stream = Recording.random(seed: 9, steps: 1_000)
    let policy = InvalidationPolicy.queue(entries: 16, timeout: .milliseconds(1))
    let first = try run(stream, policy, cpus: 2)
    let second = try run(stream, policy, cpus: 2)
    #expect(first.rate == second.rate && first.latency == second.latency)
    #expect(first.window == second.window && first.invalidations == second.invalidations)
  }

  @Test("Work that the machine has no addresses or memory for is refused before it begins")
  func tooLarge() throws {
    var large = Recording()
    large.map(1, at: 0, runs: [(1, 1_025)])
    let mapping = large.stream()
    #expect(throws: ReplayError.mappingTooLarge(pages: 1_025, aperturePages: 1_024)) {
      try Replay(machine: Rig.small(), stream: mapping)
    }
    var many = Recording()
    many.map(1, at: 0, runs: [(1, 1_000)])
    many.map(2, at: 1, runs: [(2_000, 25)])
    let mappings = many.stream()
    #expect(throws: ReplayError.tooMuchMapped(pages: 1_025, aperturePages: 1_024)) {
      try Replay(machine: Rig.small(), stream: mappings)
    }
    var wide = Rig.small()
    wide.apertureBytes = 64 << 20
    var buffer = Recording()
    buffer.map(1, at: 0, runs: [(1, 8_192)])
    let replay = try Replay(machine: wide, stream: buffer.stream())
    #expect(throws: ReplayError.noRoom(pages: 8_192, memoryBytes: 16 << 20)) {
      try replay.run(PolicyChoice(.strict))
    }
  }
}
