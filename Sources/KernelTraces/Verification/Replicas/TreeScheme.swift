import IOMMU

/// A scheme over the tree allocator, with what it takes to follow another kernel.
///
/// An enumeration and not a protocol: Swift 6.3.1 makes bad metadata for a generic class over a
/// scheme whose allocator cannot be copied.
enum TreeScheme {
  case strict(StrictScheme<TreeAllocator>)
  case queue(QueueScheme<TreeAllocator>)

  /// Hands the allocator to `body`.
  func withAllocator<Result>(_ body: (borrowing TreeAllocator) -> Result) -> Result {
    switch self {
    case .strict(let scheme): body(scheme.allocator)
    case .queue(let scheme): body(scheme.allocator)
    }
  }

  /// The addresses that are handed out.
  var aperture: IOVARange { withAllocator { $0.aperture } }

  /// Hands out addresses; neither scheme invalidates for that.
  func allocate(
    _ request: IOVARequest, on cpu: CPUIndex, _ issuer: ReplicaIssuer
  ) throws(IOVAAllocationError) -> IOVARange {
    switch self {
    case .strict(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    case .queue(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    }
  }

  /// Hands out exactly `range`, also out of a queue.
  func claim(_ range: IOVARange, on cpu: CPUIndex) -> TreeClaim {
    switch self {
    case .strict(let scheme): scheme.allocator.claim(range, on: cpu)
    case .queue(let scheme):
      switch scheme.allocator.claim(range, on: cpu) {
      case .handedOut: scheme.withdraw(range) ? .waiting : .handedOut
      case let claim: claim
      }
    }
  }

  /// Takes back a range; what a strict kernel puts into a depot starts the depots' worker.
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

  /// Does the depots' worker's part.
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

  /// Lets a flush queue's timer go off.
  func fireTimer(on cpu: CPUIndex, _ issuer: ReplicaIssuer) {
    if case .queue(let scheme) = self { scheme.timerFired(.queue, on: cpu, issuer: issuer) }
  }
}
