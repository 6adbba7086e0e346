import IOMMU

/// Linux's common DMA layer: a tree with magazines, strict or with flush queues.
final class TreeReplica: KernelReplica {
  private let scheme: TreeScheme
  private let issuer = ReplicaIssuer()
  private let knowsStart: Bool
  private var wasCached = false

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
    wasCached = scheme.hasCached(pages, on: CPUIndex(cpu))
    let request = IOVARequest(pages: PageCount(pages))
    do throws(IOVAAllocationError) {
      return PageRun(try scheme.allocate(request, on: CPUIndex(cpu), issuer))
    } catch {
      return nil
    }
  }

  func undo(_ run: PageRun, on cpu: Int) {
    guard let range = run.range else { return }
    scheme.undo(range, wasCached: wasCached, on: CPUIndex(cpu))
  }

  func claim(_ run: PageRun, on cpu: Int) -> ClaimedState {
    guard let range = run.range else { return .outside }
    return switch scheme.claim(range, on: CPUIndex(cpu)) {
    case .free: .free
    case .cached(let place): .cached(place)
    case .waiting: .stale
    case .handedOut: .live
    case .outside: .outside
    }
  }

  func retire(_ run: PageRun, on cpu: Int) {
    guard let range = run.range, scheme.aperture.contains(range) else { return }
    scheme.retire(range, on: CPUIndex(cpu), issuer)
  }

  func free(_ run: PageRun, on cpu: Int) {
    guard let range = run.range, scheme.aperture.contains(range) else { return }
    scheme.free(range, on: CPUIndex(cpu))
  }

  func refreshAll(on cpu: Int) { _ = issuer.flushAll(.timeout, on: CPUIndex(cpu)) }

  func advance(to time: UInt64) {
    while let due = issuer.depotDue, due <= time {
      issuer.takeDepotTimer()
      issuer.time = due
      scheme.reclaim(issuer)
    }
    issuer.time = time
  }

  func canPredict(_ pages: UInt64, on cpu: Int) -> Bool {
    knowsStart || scheme.hasCached(pages, on: CPUIndex(cpu))
  }

  func takeGlobals() -> [InvalidationCause] { issuer.takeGlobals() }
  var timerSetAt: UInt64? { issuer.queueTimerSetAt }

  func fireTimer(on cpu: Int) {
    issuer.takeQueueTimer()
    scheme.fireTimer(on: CPUIndex(cpu), issuer)
  }
}

/// A scheme over the tree allocator, with what it takes to follow another kernel.
///
/// An enumeration and not a protocol: Swift 6.3.1 makes bad metadata for a generic class over a
/// scheme whose allocator cannot be copied.
enum TreeScheme {
  case strict(StrictScheme<TreeAllocator>)
  case queue(QueueScheme<TreeAllocator>)

  var aperture: IOVARange {
    switch self {
    case .strict(let scheme): scheme.aperture
    case .queue(let scheme): scheme.aperture
    }
  }

  func hasCached(_ pages: UInt64, on cpu: CPUIndex) -> Bool {
    switch self {
    case .strict(let scheme): scheme.allocator.hasCached(pages: pages, on: cpu)
    case .queue(let scheme): scheme.allocator.hasCached(pages: pages, on: cpu)
    }
  }

  func allocate(
    _ request: IOVARequest, on cpu: CPUIndex, _ issuer: ReplicaIssuer
  ) throws(IOVAAllocationError) -> IOVARange {
    switch self {
    case .strict(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    case .queue(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    }
  }

  func undo(_ range: IOVARange, wasCached: Bool, on cpu: CPUIndex) {
    switch self {
    case .strict(let scheme): scheme.allocator.undo(range, wasCached: wasCached, on: cpu)
    case .queue(let scheme): scheme.allocator.undo(range, wasCached: wasCached, on: cpu)
    }
  }

  func claim(_ range: IOVARange, on cpu: CPUIndex) -> TreeClaim {
    switch self {
    case .strict(let scheme): scheme.allocator.claim(range, on: cpu)
    case .queue(let scheme):
      scheme.withdraw(range) ? .waiting : scheme.allocator.claim(range, on: cpu)
    }
  }

  func retire(_ range: IOVARange, on cpu: CPUIndex, _ issuer: ReplicaIssuer) {
    switch self {
    case .strict(let scheme):
      scheme.retire(range, since: issuer.now(), on: cpu, issuer: issuer)
      if let due = scheme.allocator.nextUpkeep(now: issuer.now()), issuer.depotDue == nil {
        issuer.arm(.depot, after: due.since(issuer.now()), .coarse)
      }
    case .queue(let scheme):
      scheme.retire(range, since: issuer.now(), on: cpu, issuer: issuer)
    }
  }

  func free(_ range: IOVARange, on cpu: CPUIndex) {
    switch self {
    case .strict(let scheme): scheme.allocator.free(range, on: cpu)
    case .queue(let scheme): scheme.allocator.free(range, on: cpu)
    }
  }

  func reclaim(_ issuer: ReplicaIssuer) {
    switch self {
    case .strict(let scheme):
      scheme.allocator.upkeep(now: issuer.now())
      if let due = scheme.allocator.nextUpkeep(now: issuer.now()) {
        issuer.arm(.depot, after: due.since(issuer.now()), .coarse)
      }
    case .queue(let scheme): scheme.timerFired(.depot, on: .boot, issuer: issuer)
    }
  }

  func fireTimer(on cpu: CPUIndex, _ issuer: ReplicaIssuer) {
    if case .queue(let scheme) = self { scheme.timerFired(.queue, on: cpu, issuer: issuer) }
  }
}
