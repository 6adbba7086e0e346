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
        options: PagingDomainOptions(
          processors: job.processors, modifiers: job.choice.modifiers, cost: cost))
    } catch {
      throw .memory(error)
    }
    let timer = bench.timer
    return try bench.work(job, on: domain) { cpu in
      while let purpose = timer.takeDue() { domain.timerFired(purpose, on: cpu) }
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
      policy: job.choice.policy, aperture: aperture, cpus: job.processors, kernel: job.kernel,
      cost: .shadowed, treeCapacity: 1 << 17)
    if let done = try schemes.accept(PagingSession(bench: self, job: job)) { return done }
    let domain: IdentityDomain<KernelPlatform>
    do throws(TableMemoryError) {
      domain = try IdentityDomain(
        memory: memory, observer: NoObserver(), offset: function.identityOffset)
    } catch {
      throw .memory(error)
    }
    return try work(job, on: domain, timers: { _ in }, counts: { InvalidationCounts() })
  }

  /// Does the job's rounds on `domain`, and tells what came of them.
  func work<Domain: DMADomain>(
    _ job: Job, on domain: Domain, timers: @escaping (CPUIndex) -> Void,
    counts: () -> InvalidationCounts
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
      function: function, domain: domain, cpus: (0..<job.processors).map { CPUIndex($0) },
      options: options)
    if job.usesInterrupts { try lendInterrupts() }
    try Processors.all.start(job.processors)
    do throws(NVMeError) {
      try driver.initialise(clock: timer, pause: {})
    } catch {
      throw .driver(error)
    }
    let crew = try Crew(job, driver: driver, bench: self, timers: timers)
    let before: InvalidationCounts
    let requestsBefore: UInt64
    let spentBefore: RoundSpending
    let began: Instant
    do throws(NVMeError) {
      try crew.run(rounds: job.warmUp)
      before = counts()
      requestsBefore = crew.result.requests
      spentBefore = crew.spent
      began = timer.now()
      try crew.run(rounds: job.rounds)
    } catch {
      throw .driver(error)
    }
    let span = timer.now().since(began)
    let after = counts()
    let result = crew.result
    Processors.all.dismiss()
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
    if job.usesInterrupts && !function.returnInterruptMemory(to: memory) { throw .noVectors }
    let executed = function.refreshCounters.executed
    let counted = try refreshesCounted()
    crew.tell()
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
    crew.spent.tell(since: spentBefore)
    Console.write("\n")
    return result.failures == 0 && result.wrongBlocks == 0 && executed == counted
  }

  /// Lets the function and the machine make interruptions.
  private func lendInterrupts() throws(Failure) {
    do throws(TableMemoryError) {
      try function.lendInterruptMemory(from: memory)
    } catch {
      throw .memory(error)
    }
    Deliveries.enable()
  }
}
