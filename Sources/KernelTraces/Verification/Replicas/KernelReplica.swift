import IOMMU

/// A kernel's allocator and policy, driven by what a trace says was asked of it.
///
/// It is this project's own allocators and schemes, the ones that every experiment uses, so that a
/// trace which they repeat is a test of them.
protocol KernelReplica: AnyObject {
  /// Hands out `pages` pages; `nil` where the replica thinks that there are none.
  func allocate(_ pages: UInt64, on cpu: Int) -> PageRun?

  /// Whether the latest allocation came from the processor's own caches.
  var isFromCache: Bool { get }

  /// Undoes the latest allocation.
  func undo(_ run: PageRun, on cpu: Int)

  /// Hands out exactly `run`, because the kernel did, and says what it had been thought to be.
  func claim(_ run: PageRun, on cpu: Int) -> ClaimedState

  /// Takes back what the kernel unmapped.
  func retire(_ run: PageRun, on cpu: Int)

  /// Takes back what the kernel unmapped and invalidated at once though its policy defers.
  func free(_ run: PageRun, on cpu: Int)

  /// Refreshes everything because the kernel did, though the replica saw no reason.
  func refreshAll(on cpu: Int)

  /// Moves the clock, in nanoseconds; timers that are due go off, but for that of a flush queue.
  func advance(to time: UInt64)

  /// Whether the next allocation of `pages` pages follows from what the trace has told.
  func canPredict(_ pages: UInt64, on cpu: Int) -> Bool

  /// The refreshes of everything that the replica has issued since this was last asked.
  func takeGlobals() -> [InvalidationCause]

  /// Says how the kernel's clock ticks, as far as that is known by now: its period, and a moment of
  /// a tick, in nanoseconds.
  func setTick(_ period: UInt64, phase: UInt64)

  /// How many magazines the depots have given back.
  var reclaims: Int { get }

  /// How many magazines of depots turned out to be given back at other moments than predicted.
  var reclaimCorrections: Int { get }

  /// When the flush queue's timer was set, while it runs.
  var timerSetAt: UInt64? { get }

  /// Lets the flush queue's timer go off.
  func fireTimer(on cpu: Int)
}

/// What a replica had thought of pages that the kernel handed out.
enum ClaimedState: Equatable, Sendable, CustomStringConvertible {
  /// Free, but not the next ones.
  case free
  /// In a cache of freed addresses, but not the next ones.
  case cached(MagazinePlace)
  /// Waiting for an invalidation.
  case stale
  /// Handed out and never given back.
  case live
  /// Outside the aperture.
  case outside

  /// Where the pages were, for people.
  var description: String {
    switch self {
    case .free: "free, but not next"
    case .stale: "waiting for an invalidation"
    case .live: "handed out already"
    case .outside: "outside the aperture"
    case .cached(.loaded(let depth)): "in the processor's cache, under \(depth) others"
    case .cached(.previous): "in the processor's second magazine"
    case .cached(.elsewhere(let cpu)): "in processor \(cpu)'s cache"
    case .cached(.depot(let depth)): "in the depot, under \(depth) magazines"
    }
  }
}

extension KernelReplica {
  func free(_ run: PageRun, on cpu: Int) { retire(run, on: cpu) }
  func canPredict(_ pages: UInt64, on cpu: Int) -> Bool { true }
  func setTick(_ period: UInt64, phase: UInt64) {}
  var reclaims: Int { 0 }
  var reclaimCorrections: Int { 0 }
  var isFromCache: Bool { false }
  var timerSetAt: UInt64? { nil }
  func fireTimer(on cpu: Int) {}
  func advance(to time: UInt64) {}
}

/// The hardware as a scheme sees it: invalidations are noted and succeed, timers wait to be fired.
final class ReplicaIssuer: InvalidationIssuer {
  /// Hands a global invalidation's begin and end to the scheme.
  var invalidate: ((CPUIndex) -> Void)?
  private(set) var globals: [InvalidationCause] = []
  private(set) var queueTimerSetAt: UInt64?
  var depotDue: UInt64?
  var time: UInt64 = 0
  /// The period of the kernel's clock and a moment of a tick.
  var tick: (period: UInt64, phase: UInt64) = (10_000_000, 0)

  func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool { true }

  func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    globals.append(cause)
    invalidate?(cpu)
    return true
  }

  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {
    switch purpose {
    case .queue: queueTimerSetAt = time
    case .depot: depotDue = tickAfter(now().advanced(by: timeout).nanoseconds)
    case .age, .parked: break
    }
  }

  /// The first tick after `time`: a short timer goes off one tick after its own.
  func tickAfter(_ time: UInt64) -> UInt64 {
    let (period, phase) = (tick.period, tick.phase % tick.period)
    return (time &+ period &- phase) / period * period &+ phase
  }

  func quarantine(_ range: IOVARange) {}
  func account(freed pages: UInt64, oldest since: Instant) {}
  func now() -> Instant { Instant(nanoseconds: time) }

  func takeGlobals() -> [InvalidationCause] {
    defer { globals.removeAll(keepingCapacity: true) }
    return globals
  }

  func takeQueueTimer() { queueTimerSetAt = nil }
}

extension PageRun {
  /// The run as addresses, or `nil` where it passes the top of the space.
  var range: IOVARange? {
    let (address, overflow) = first.multipliedReportingOverflow(by: RecordedMappings.pageSize)
    let (size, tooLong) = pages.multipliedReportingOverflow(by: RecordedMappings.pageSize)
    return overflow || tooLong ? nil : IOVARange(first: IOVA(address), byteCount: size)
  }

  /// The pages that `range` touches.
  init(_ range: IOVARange) {
    self.init(
      first: range.first.rawValue / RecordedMappings.pageSize,
      pages: range.pageCount(of: .fourKiB).rawValue)
  }
}
