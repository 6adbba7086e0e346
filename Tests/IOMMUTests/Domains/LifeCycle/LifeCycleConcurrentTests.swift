import IOMMU
import Synchronization
import Testing

/// Attach, claim, reset and release of several groups against map, unmap and flush of the domain
/// that they share, on real threads; the thread sanitizer runs this suite, too.
@Suite struct LifeCycleConcurrent {
  typealias Domain = PagingDomain<FencePlatform, RolloverScheme>
  typealias Group = DeviceGroup<FenceControl>

  private func domain(
    _ pages: UInt64 = 2_048, tableBytes: Int = 4 << 20
  ) throws -> Domain {
    try Domain(
      scheme: RolloverScheme(
        allocator: RolloverAllocator(
          aperture: aperture(pages: pages), granule: .fourKiB, cpus: 4)),
      memory: TestMemory(tableBytes: tableBytes), timer: DomainConcurrent.QuietTimer(),
      observer: NoObserver(),
      options: PagingDomainOptions(processors: 4, modifiers: .piggyback))
  }

  /// Maps, unmaps and flushes until the groups are done, giving way to them now and then: there may
  /// be no more threads than workers.
  private func work(_ domain: Domain, _ worker: UInt64, _ counts: Shared) async {
    let cpu = CPUIndex(Int(worker))
    var round: UInt64 = 0
    while counts.won.load(ordering: .relaxed) < 4 {
      round += 1
      if round % 16 == 0 || domain.deviceCount == 0 { await Task.yield() }
      if round % 32 == worker { _ = domain.flushAll(.timeout, on: cpu) }
      do throws(MapError) {
        let mapping = try domain.map(
          buffer(worker << 20 | round % 64, pages: 1 + round % 4), FromDevice.self, on: cpu)
        domain.unmap(mapping, on: cpu)
      } catch {
        // No device at the moment.
      }
    }
  }

  private final class Shared: Sendable {
    let failures = Atomic<Int>(0)
    let inside = Atomic<Int>(0)
    let won = Atomic<Int>(0)
  }

  @Test func groupsComeAndGoWhileTheirDomainIsUsed() async throws {
    let shared = try domain()
    let counts = Shared()
    let controls = (0..<4).map { FenceControl(announces: $0 % 2 == 0) }
    let groups = controls.map { _ in Group(defaultDomain: shared) }
    let rounds = 2_000
    await withTaskGroup(of: Void.self) { tasks in
      for worker in 0..<2 as Range<UInt64> {
        tasks.addTask { await self.work(shared, worker, counts) }
      }
      for index in groups.indices {
        tasks.addTask {
          for round in 0..<rounds {
            if round % 4 == 0 { await Task.yield() }
            do {
              try self.cycle(groups[index], controls[index], round, shared)
            } catch {
              counts.failures.add(1, ordering: .relaxed)
            }
          }
          counts.won.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(counts.failures.load(ordering: .relaxed) == 0)
    #expect(shared.deviceCount == 0 && shared.pendingCount == 0 && shared.stuckCount == 0)
    #expect(shared.liveMappings == 0 && shared.quarantineRecord.ranges == 0)
    #expect(controls.allSatisfy { !$0.isOn.load(ordering: .relaxed) })
    #expect(controls.allSatisfy { $0.strays.load(ordering: .relaxed) == 0 })
    #expect(controls.allSatisfy { !$0.claim.isTaken })
  }

  private func cycle(
    _ group: Group, _ control: FenceControl, _ round: Int, _ shared: Domain
  ) throws {
    let cpu = CPUIndex(round % 4)
    let device = DMADevice(control: control)
    try group.add(device, on: cpu)
    switch round % 4 {
    case 0:
      let own = try domain(256, tableBytes: 64 << 10)
      let owner = try group.claim(on: cpu)
      try owner.attach(own, on: cpu)
      try owner.giveBack(on: cpu)
    case 1:
      try group.detach(on: cpu)
      try group.attach(shared, on: cpu)
    case 2:
      try group.replace(with: shared, on: cpu)
      try group.reset(device, on: cpu)
    default:
      let use = try group.beginUse(on: cpu)
      try group.recover(device, on: cpu)
      use.end()
    }
    group.release(device, on: cpu)
  }

  @Test func oneOfManyClaimsAndUsesWinsEachTime() async throws {
    let group = Group(defaultDomain: try domain())
    try group.add(DMADevice(control: FenceControl(announces: true)), on: .boot)
    let counts = Shared()
    await withTaskGroup(of: Void.self) { tasks in
      for worker in 0..<4 {
        tasks.addTask {
          let cpu = CPUIndex(worker)
          for round in 0..<300 {
            do {
              if (round + worker) % 3 == 0 {
                let owner = try group.claim(on: cpu)
                if counts.inside.add(1_000, ordering: .relaxed).oldValue != 0 {
                  counts.failures.add(1, ordering: .relaxed)
                }
                counts.inside.subtract(1_000, ordering: .relaxed)
                try owner.giveBack(on: cpu)
              } else {
                let use = try group.beginUse(on: cpu)
                if counts.inside.add(1, ordering: .relaxed).oldValue >= 1_000 {
                  counts.failures.add(1, ordering: .relaxed)
                }
                counts.inside.subtract(1, ordering: .relaxed)
                use.end()
              }
              counts.won.add(1, ordering: .relaxed)
            } catch {
              continue
            }
          }
        }
      }
    }
    #expect(counts.failures.load(ordering: .relaxed) == 0)
    #expect(counts.won.load(ordering: .relaxed) > 0)
    #expect(group.driverCount == 0 && group.state == .byDefault)
  }

  @Test func manyAddOneDeviceAndOneGetsIt() async throws {
    for _ in 0..<50 {
      let groups = (0..<4).map { _ in Group() }
      let control = FenceControl(announces: true)
      let device = DMADevice(control: control)
      let counts = Shared()
      await withTaskGroup(of: Void.self) { tasks in
        for group in groups {
          tasks.addTask {
            do throws(AttachError) {
              try group.add(device, on: .boot)
              counts.won.add(1, ordering: .relaxed)
            } catch {
              // Another group has it.
            }
          }
        }
      }
      #expect(counts.won.load(ordering: .relaxed) == 1)
      #expect(groups.map(\.deviceCount).reduce(0, +) == 1)
    }
  }
}

enum FencePlatform: DMAPlatform {
  typealias Format = TestFormat
  typealias Memory = TestMemory
  typealias Control = FenceControl
  typealias Timer = DomainConcurrent.QuietTimer
  typealias Observer = NoObserver
}

/// Hardware that counts what no group with one owner would ever do: enabling what is enabled.
final class FenceControl: TranslationControl {
  let claim = TranslationClaim()
  let isOn = Atomic<Bool>(false)
  let strays = Atomic<Int>(0)
  let requiresMapSideInvalidation: Bool

  init(announces: Bool) {
    requiresMapSideInvalidation = announces
  }

  var allowsDeferredInvalidation: Bool { true }
  var isTrusted: Bool { true }
  var aperture: IOVARange { IOVARange(first: IOVA(0), last: IOVA(.max))! }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) {
    if isOn.exchange(true, ordering: .relaxed) { strays.add(1, ordering: .relaxed) }
  }
  func disableTranslation(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {
    isOn.store(false, ordering: .relaxed)
  }
  func enableIdentity(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    throw .unsupported
  }
  func isInError(on cpu: CPUIndex) -> Bool { true }
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {
    if isOn.load(ordering: .relaxed) { strays.add(1, ordering: .relaxed) }
  }
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) {
    isOn.store(false, ordering: .relaxed)
  }
  func invalidate(_ range: IOVARange, on cpu: CPUIndex) {}
  func invalidateAll(on cpu: CPUIndex) {}
}
