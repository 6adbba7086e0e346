import IOMMU

/// Linux's common DMA layer: a tree with magazines, strict or with flush queues.
final class TreeReplica: KernelReplica {
  private let scheme: TreeScheme
  private let issuer = ReplicaIssuer()
  private let knowsStart: Bool
  private(set) var isFromCache = false
  /// Magazines that depots gave back last, the latest at the end.
  private var reclaimed: [ReclaimedMagazine] = []
  private(set) var reclaims = 0
  private(set) var reclaimCorrections = 0

  /// How many magazines are remembered.
  private static let reclaimedMax = 64

  /// A replica of `scheme`; `knowsStart` where the trace tells of the first allocation of all.
  init(_ scheme: TreeScheme, knowsStart: Bool) {
    self.scheme = scheme
    self.knowsStart = knowsStart
    if case .queue(let queue) = scheme {
      issuer.invalidate = { [unowned queue] cpu in
        queue.endGlobalInvalidation(queue.beginGlobalInvalidation(), on: cpu)
      }
    }
  }

  func allocate(_ pages: UInt64, on cpu: Int) -> PageRun? {
    isFromCache = hasCached(pages, on: cpu)
    let request = IOVARequest(pages: PageCount(pages))
    do throws(IOVAAllocationError) {
      return PageRun(try scheme.allocate(request, on: CPUIndex(cpu), issuer))
    } catch {
      return nil
    }
  }

  func undo(_ run: PageRun, on cpu: Int) {
    guard let range = run.range else { return }
    scheme.withAllocator { $0.undo(range, wasCached: isFromCache, on: CPUIndex(cpu)) }
  }

  func claim(_ run: PageRun, on cpu: Int) -> ClaimedState {
    guard let range = run.range else { return .outside }
    switch scheme.claim(range, on: CPUIndex(cpu)) {
    case .free:
      restore(run, on: cpu)
      return .free
    case .cached(let place):
      if case .depot = place { reclaimEarly(run) }
      return .cached(place)
    case .waiting: return .stale
    case .handedOut: return .live
    case .outside: return .outside
    }
  }

  /// The kernel handed out a run of a magazine that had been given back here, so it had not been
  /// there: the magazine was still in the depot, and is the processor's now.
  ///
  /// The run need not be the very top one: two processors may have freed the last few in another
  /// order than the trace has.
  private func restore(_ run: PageRun, on cpu: Int) {
    guard let index = reclaimed.lastIndex(where: { $0.pages.suffix(4).contains(run.first) }),
      scheme.withAllocator({
        $0.restore(reclaimed[index], without: run.first, on: CPUIndex(cpu))
      })
    else { return }
    reclaimed.remove(at: index)
    reclaimCorrections += 1
    // What is due in the kernel is still to come.
    let soon = issuer.tickAfter(issuer.time)
    scheme.withAllocator { $0.setReclaimTime(pages: run.pages, Instant(nanoseconds: soon)) }
    issuer.depotDue = min(issuer.depotDue ?? soon, soon)
  }

  /// The kernel handed out a run of a magazine further down in the depot: where the time for giving
  /// back the top is near, the kernel has done that already.
  private func reclaimEarly(_ run: PageRun) {
    guard let due = scheme.withAllocator({ $0.reclaimTime(pages: run.pages) }),
      due.nanoseconds <= issuer.time &+ 2 &* issuer.tick.period
    else { return }
    scheme.withAllocator { $0.reclaimNow(pages: run.pages, now: issuer.now()) }
    reclaimCorrections += 1
  }

  func retire(_ run: PageRun, on cpu: Int) {
    guard let range = run.range, scheme.aperture.contains(range) else { return }
    scheme.retire(range, on: CPUIndex(cpu), issuer)
  }

  func free(_ run: PageRun, on cpu: Int) {
    guard let range = run.range, scheme.aperture.contains(range) else { return }
    scheme.withAllocator { $0.free(range, on: CPUIndex(cpu)) }
  }

  func refreshAll(on cpu: Int) { _ = issuer.flushAll(.timeout, on: CPUIndex(cpu)) }

  func advance(to time: UInt64) {
    while let due = issuer.depotDue, due <= time {
      issuer.depotDue = nil
      issuer.time = due
      reclaimed += scheme.withAllocator { $0.reclaimable(now: issuer.now()) }
      reclaims += reclaimed.isEmpty ? 0 : 1
      reclaimed.removeFirst(max(0, reclaimed.count - Self.reclaimedMax))
      scheme.reclaim(issuer)
    }
    issuer.time = time
  }

  func setTick(_ period: UInt64, phase: UInt64) { issuer.tick = (max(period, 1), phase) }

  private func hasCached(_ pages: UInt64, on cpu: Int) -> Bool {
    scheme.withAllocator { $0.hasCached(pages: pages, on: CPUIndex(cpu)) }
  }

  func canPredict(_ pages: UInt64, on cpu: Int) -> Bool {
    knowsStart || hasCached(pages, on: cpu)
  }

  func takeGlobals() -> [InvalidationCause] { issuer.takeGlobals() }
  var timerSetAt: UInt64? { issuer.queueTimerSetAt }

  func fireTimer(on cpu: Int) {
    issuer.takeQueueTimer()
    scheme.fireTimer(on: CPUIndex(cpu), issuer)
  }
}
