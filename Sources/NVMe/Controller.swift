public import IOMMU
public import Synchronization

/// An NVMe controller's driver: an admin queue, and one pair of I/O queues for each processor
/// given.
///
/// It reaches the controller through a PCI function alone, and lets it reach memory through a
/// domain alone, so that it runs on a machine model and on bare metal unchanged. Submitting maps
/// the buffer; ``ringDoorbell(queue:report:)`` announces all mappings made since, at once, and
/// tells the controller; ``poll(queue:report:)`` unmaps and reports what is complete.
///
/// ```swift
/// let driver = NVMeController(function: function, domain: domain, cpus: [.boot])
/// try driver.initialise(clock: clock, pause: {})
/// try driver.submitRead(queue: 0, lba: 0, blocks: 8, buffer: buffer, tag: 1)
/// try driver.ringDoorbell(queue: 0) { _ in }
/// ```
///
/// Context: queues are independent; each has a lock, so any processor may use any queue, but not
/// from an interrupt handler that interrupted a holder. Closures are called without a lock, and may
/// submit. Starting, resetting and shutting down are one caller's, while nobody uses the queues.
/// Allocates: at creation, and coherent buffers at the first start; never to submit or complete.
///
/// Sendable though unchecked: what changes after the start lies behind the queues' locks, or is an
/// atomic; the rest is written only while nobody uses the queues.
public final class NVMeController<Function: PCIFunction, Domain: DMADomain>: @unchecked Sendable {
  @usableFromInline let function: Function
  @usableFromInline let domain: Domain
  @usableFromInline let memory: Domain.Memory
  @usableFromInline let locks: FixedStorage<SpinLock>
  @usableFromInline let queues: FixedStorage<QueuePair>
  @usableFromInline let stateCode = Atomic<UInt8>(NVMeState.stopped.code)

  @usableFromInline let options: NVMeOptions
  var admin: QueuePair
  /// The page that identify commands are answered in, while one may be under way.
  var identifyBuffer: CoherentBuffer?
  @usableFromInline var capabilities = NVMeCapabilities(0)

  /// What the controller said when it was started last; meaningless before.
  public internal(set) var information = NVMeInformation()

  /// Prepares a driver for `function`, whose DMA goes through `domain`; touches neither.
  ///
  /// `cpus` names the processors that get an I/O queue each, no processor twice: announcing the
  /// mappings of one queue must not depend on another's.
  public init(
    function: Function, domain: Domain, cpus: [CPUIndex], options: NVMeOptions = NVMeOptions()
  ) {
    precondition(
      cpus.count > 0 && cpus.count <= 1024, "a controller needs 1 to 1024 processors")
    precondition(
      options.queueEntries >= 2 && options.queueEntries <= QueuePair.maximumEntries,
      "a queue has 2 to 4096 entries")
    precondition(
      options.maximumTransferBytes >= 4096 && options.maximumTransferBytes % 4096 == 0
        && options.maximumTransferBytes <= 1 << 30,
      "the longest transfer is a multiple of 4 KiB up to 1 GiB")
    for (index, cpu) in cpus.enumerated() {
      precondition(!cpus[..<index].contains(cpu), "a processor has one queue")
    }
    self.function = function
    self.domain = domain
    self.options = options
    memory = domain.memory
    locks = FixedStorage(count: cpus.count) { _ in SpinLock() }
    queues = FixedStorage(count: cpus.count) {
      QueuePair(identifier: UInt16($0 + 1), cpu: cpus[$0], entries: options.queueEntries)
    }
    admin = QueuePair(identifier: 0, cpu: cpus[0], entries: 16)
  }

  /// How far the controller is.
  @inlinable
  public var state: NVMeState { NVMeState(code: stateCode.load(ordering: .acquiring)) }

  @usableFromInline
  func enter(_ state: NVMeState) {
    stateCode.store(state.code, ordering: .releasing)
  }

  /// The commands of `queue` that were submitted and not reported yet, waiting ones included.
  public func outstanding(queue: Int) -> Int {
    precondition(queue >= 0 && queue < queues.count, "no such queue")
    locks[queue].lock()
    defer { locks[queue].unlock() }
    return queues[queue].occupied
  }

  /// What happened on `queue` so far.
  public func counters(queue: Int) -> NVMeQueueCounters {
    precondition(queue >= 0 && queue < queues.count, "no such queue")
    locks[queue].lock()
    defer { locks[queue].unlock() }
    return queues[queue].counters
  }

  /// The interrupt vector that tells of `queue`'s completions; meaningless without vectors.
  public func vector(queue: Int) -> Int {
    precondition(queue >= 0 && queue < queues.count, "no such queue")
    return queues[queue].vector
  }

  /// The command whose deadline passed first, or `nil` where none has by `now`.
  ///
  /// A ``reset(clock:disposition:recover:pause:report:)`` is what helps. Complexity: linear in the
  /// slots of all queues. Allocates: never.
  public func expired(now: Instant) -> NVMeExpiredCommand? {
    var first: NVMeExpiredCommand?
    for queue in 0..<queues.count {
      locks[queue].lock()
      let found = queues[queue].firstExpired(now: now)
      locks[queue].unlock()
      if let found, first.map({ found.deadline < $0.deadline }) ?? true {
        first = NVMeExpiredCommand(queue: queue, tag: found.tag, deadline: found.deadline)
      }
    }
    return first
  }

  /// Notes what a failed access tells about the function, and makes it the driver's error.
  @usableFromInline
  func noted(_ error: PCIAccessError) -> NVMeError {
    switch error {
    case .functionGone: enter(.gone)
    case .functionInError: enter(.inError)
    case .refused: break
    }
    return NVMeError(error)
  }
}
