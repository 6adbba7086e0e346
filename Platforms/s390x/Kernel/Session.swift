import IOMMU
import Machine
import NVMe
import Workloads
import ZPCI

/// A job on a domain with tables, under whatever scheme its policy needs.
struct PagingSession: SchemeVisitor {
  let bench: Bench
  let job: Job
  let cost = InvalidationCost.shadowed

  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws(Failure) -> Bool {
    let domain: PagingDomain<KernelPlatform, Scheme>
    do throws(TableMemoryError) {
      domain = try PagingDomain(
        scheme: scheme, memory: bench.memory, timer: bench.timer, observer: NoObserver(),
        options: PagingDomainOptions(modifiers: job.choice.modifiers, cost: cost))
    } catch {
      throw .memory(error)
    }
    let timer = bench.timer
    return try bench.work(job, on: domain) {
      while let purpose = timer.takeDue() { domain.timerFired(purpose, on: .boot) }
    } counts: {
      InvalidationCounts(
        map: domain.counters[.map], unmap: domain.counters.ranges &- domain.counters[.map],
        global: domain.counters.globals)
    }
  }
}

/// Invalidations by what they were for.
struct InvalidationCounts {
  var map: UInt64 = 0
  var unmap: UInt64 = 0
  var global: UInt64 = 0
}

extension Bench {
  /// Does the job; true where everything was as it should be.
  func run(_ job: Job) throws(Failure) -> Bool {
    let whole = function.aperture
    guard let aperture = IOVARange(first: whole.first, byteCount: job.apertureBytes),
      aperture.last <= whole.last
    else { throw .aperture }
    let schemes = SchemeChoice(
      policy: job.choice.policy, aperture: aperture, cpus: 1, kernel: job.kernel,
      cost: .shadowed, treeCapacity: 1 << 17)
    if let done = try schemes.accept(PagingSession(bench: self, job: job)) { return done }
    let domain: IdentityDomain<KernelPlatform>
    do throws(TableMemoryError) {
      domain = try IdentityDomain(
        memory: memory, observer: NoObserver(), offset: function.identityOffset)
    } catch {
      throw .memory(error)
    }
    return try work(job, on: domain, timers: {}, counts: { InvalidationCounts() })
  }

  /// Does the job's rounds on `domain`, and tells what came of them.
  func work<Domain: DMADomain>(
    _ job: Job, on domain: Domain, timers: () -> Void, counts: () -> InvalidationCounts
  ) throws(Failure) -> Bool
  where Domain: TranslationDomain<Function>, Domain.Memory == PhysicalMemory {
    do throws(AttachError) {
      try group.attach(domain, on: .boot)
    } catch {
      throw .attach(error)
    }
    var options = NVMeOptions(queueEntries: job.plan.depth + 1)
    options.maximumTransferBytes = max(
      UInt64(job.plan.longestRequest) * BlockPattern.blockBytes, 4_096)
    let driver = NVMeController(
      function: function, domain: domain, cpus: [.boot], options: options)
    let loop: RoundLoop<Function, Domain>
    var before = InvalidationCounts()
    var began = timer.now()
    var requestsBefore: UInt64 = 0
    var spentBefore = RoundSpending()
    do throws(NVMeError) {
      try driver.initialise(clock: timer, pause: {})
      do throws(TableMemoryError) {
        loop = try RoundLoop(
          driver: driver, queue: 0, plan: job.plan, memory: memory, clock: timeOfDay)
      } catch {
        throw NVMeError.map(.noMemory(error))
      }
      try loop.run(rounds: job.warmUp, pause: timers)
      before = counts()
      requestsBefore = loop.result.requests
      spentBefore = loop.spent
      began = timer.now()
      for _ in 0..<job.rounds {
        try loop.run(rounds: 1, pause: timers)
        timers()
      }
    } catch {
      throw .driver(error)
    }
    let span = timer.now().since(began)
    let after = counts()
    let result = loop.result
    do throws(NVMeError) {
      try driver.shutDown(clock: timer, pause: {}, report: { _ in })
    } catch {
      throw .driver(error)
    }
    do throws(OwnershipError) {
      try group.detach(on: .boot)
    } catch {
      throw .noFunction
    }
    let executed = function.refreshCounters.executed
    let counted = try refreshesCounted()
    Console.write("row")
    Console.field("requests", result.requests - requestsBefore)
    Console.field("nanoseconds", span.rawValue)
    Console.field("map", after.map - before.map)
    Console.field("unmap", after.unmap - before.unmap)
    Console.field("global", after.global - before.global)
    Console.field("failures", result.failures)
    Console.field("wrong", result.wrongBlocks)
    Console.field("driver", executed)
    Console.field("machine", counted)
    loop.spent.tell(since: spentBefore)
    Console.write("\n")
    return result.failures == 0 && result.wrongBlocks == 0 && executed == counted
  }
}
