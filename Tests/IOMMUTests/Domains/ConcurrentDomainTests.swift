import IOMMU
import Synchronization
import Testing

/// Real threads over one domain; the thread sanitizer runs this suite, too.
@Suite struct DomainConcurrent {
  /// Which page each device address belongs to; 0 for nobody.
  private final class Owners: Sendable {
    let pages: FixedStorage<Atomic<UInt64>>
    let clashes = Atomic<Int>(0)
    init(_ count: Int) { pages = FixedStorage(count: count) { _ in Atomic(0) } }
  }

  private func hammer<Scheme: InvalidationScheme>(
    _ scheme: Scheme, modifiers: PolicyModifiers, rounds: UInt64 = 3_000
  ) async throws {
    let options = PagingDomainOptions(processors: 4, modifiers: modifiers)
    let domain = try PagingDomain<QuietPlatform, Scheme>(
      scheme: scheme, memory: TestMemory(), timer: QuietTimer(), observer: NoObserver(),
      options: options)
    let group = DeviceGroup<QuietControl>()
    try group.add(DMADevice(control: QuietControl()), on: .boot)
    try group.attach(domain, on: .boot)
    let base = domain.aperture.first.rawValue
    let owners = Owners(Int(domain.aperture.pageCount(of: .fourKiB).rawValue))
    await withTaskGroup(of: Void.self) { tasks in
      for worker in 0..<4 as Range<UInt64> {
        tasks.addTask {
          let cpu = CPUIndex(Int(worker))
          for round in 0..<rounds {
            let pages = 1 + (round &* 7 &+ worker) % 5
            let physical = buffer(worker << 20 | (round % 64) << 4, pages: pages)
            guard let mapping = try? domain.map(physical, FromDevice.self, on: cpu) else {
              continue
            }
            try? domain.synchronize(on: cpu)
            let first = Int((mapping.device.first.rawValue - base) >> 12)
            for page in first..<(first + Int(pages)) {
              let mine = worker << 32 | round << 8 | 1
              let old = owners.pages[page].exchange(mine, ordering: .acquiringAndReleasing)
              if old != 0 { owners.clashes.add(1, ordering: .relaxed) }
            }
            if domain.table.lookup(mapping.device.first)?.physical != physical.first {
              owners.clashes.add(1, ordering: .relaxed)
            }
            for page in first..<(first + Int(pages)) {
              owners.pages[page].store(0, ordering: .releasing)
            }
            domain.unmap(mapping, on: cpu)
          }
        }
      }
      tasks.addTask {
        for _ in 0..<200 {
          _ = domain.flushAll(.timeout, on: .boot)
          for purpose in [TimerPurpose.age, .queue, .parked] {
            domain.timerFired(purpose, on: .boot)
          }
          await Task.yield()
        }
      }
    }
    #expect(owners.clashes.load(ordering: .relaxed) == 0)
    #expect(domain.liveMappings == 0)
    #expect(domain.quarantineRecord.ranges == 0)
    try group.detach(on: .boot)
  }

  @Test func rollover() async throws {
    try await hammer(concurrentRollover(), modifiers: .none)
  }
  @Test func rolloverWithEverything() async throws {
    let all = PolicyModifiers.batch.union(.reuse).union(.piggyback)
    try await hammer(concurrentRollover(age: .microseconds(50)), modifiers: all)
  }
  @Test func legacyBitmap() async throws {
    try await hammer(legacy(pages: 2_048), modifiers: .batch)
  }
  @Test func flushQueue() async throws {
    try await hammer(queue(pages: 8_192, entries: 64), modifiers: .reuse)
  }
  @Test func strictly() async throws {
    try await hammer(strict(pages: 2_048), modifiers: .none)
  }

  private func concurrentRollover(age: Nanoseconds? = nil) -> RolloverScheme {
    RolloverScheme(
      allocator: RolloverAllocator(
        aperture: aperture(pages: 4_096), granule: .fourKiB, cpus: 4),
      age: age)
  }

  enum QuietPlatform: DMAPlatform {
    typealias Format = TestFormat
    typealias Memory = TestMemory
    typealias Control = QuietControl
    typealias Timer = QuietTimer
    typealias Observer = NoObserver
  }

  final class QuietControl: TranslationControl {
    var requiresMapSideInvalidation: Bool { true }
    var allowsDeferredInvalidation: Bool { true }
    var isTrusted: Bool { true }
    var aperture: IOVARange { IOVARange(first: IOVA(0), last: IOVA(.max))! }
    let claim = TranslationClaim()
    func enableTranslation(
      root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
      by owner: borrowing TranslationOwner, on cpu: CPUIndex
    ) {}
    func disableTranslation(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {}
    func enableIdentity(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {}
    func isInError(on cpu: CPUIndex) -> Bool { false }
    func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {}
    func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {}
    func invalidate(_ range: IOVARange, on cpu: CPUIndex) {}
    func invalidateAll(on cpu: CPUIndex) {}
  }

  /// Each look at it is a microsecond later.
  final class QuietTimer: DomainTimer {
    let time = Atomic<UInt64>(1_000_000)
    func now() -> Instant {
      Instant(nanoseconds: time.add(1_000, ordering: .relaxed).newValue)
    }
    func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
  }
}
