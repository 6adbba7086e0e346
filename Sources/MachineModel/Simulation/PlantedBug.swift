import IOMMU

/// Ways to break the product on purpose: a simulation that does not find them is worth nothing.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// Addresses are free before the invalidation, not after it.
  case freesEarly
  /// Nothing is invalidated at an unmap.
  case skipsUnmapInvalidation
  /// Another page than the one that was given up is invalidated.
  case invalidatesNeighbour
  /// Pages that are still stale are handed out as soon as there is no other.
  case handsOutStale
  /// What was quarantined is free all the same.
  case reusesQuarantine
  /// A global invalidation frees also what became stale during it, and what failed.
  case freesAfterFailure
  /// New translations are not announced.
  case skipsAnnouncement
  /// Switching translation off is answered with success, and not done.
  case ignoresDisable
  /// Range invalidations are answered with success, and not issued.
  case forgetsRanges
  /// Global invalidations are answered with success, and not issued.
  case forgetsGlobals
  /// Invalidations that failed are taken for done.
  case swallowsErrors
  /// A domain's timers never go off.
  case losesTimers
  /// Addresses of a mapping that failed are lost.
  case leaksAddresses

  /// Whether it sits in the scheme.
  var isInScheme: Bool {
    switch self {
    case .freesEarly, .skipsUnmapInvalidation, .invalidatesNeighbour, .handsOutStale,
      .reusesQuarantine, .freesAfterFailure, .leaksAddresses:
      true
    default: false
    }
  }
}

/// A scheme that is passed through but for one bug.
final class BuggyScheme<Base: InvalidationScheme>: InvalidationScheme {
  let base: Base
  let bug: PlantedBug

  init(_ base: Base, _ bug: PlantedBug) {
    self.base = base
    self.bug = bug
  }

  var aperture: IOVARange { base.aperture }
  var defersInvalidation: Bool { base.defersInvalidation }
  var parkingLimit: Nanoseconds? { base.parkingLimit }

  func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    if bug == .handsOutStale {
      // What is stale is declared free, and nobody has invalidated it.
      base.endGlobalInvalidation(base.beginGlobalInvalidation(), on: cpu)
    }
    return try base.allocate(request, on: cpu, issuer: issuer)
  }

  func cancel(_ range: IOVARange, on cpu: CPUIndex) {
    if bug != .leaksAddresses { base.cancel(range, on: cpu) }
  }

  func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    switch bug {
    case .freesEarly:
      // Nobody else comes in between here, so the difference shows where the flush fails.
      base.cancel(range, on: cpu)
      _ = issuer.flush(range, .unmap, on: cpu)
    case .skipsUnmapInvalidation:
      base.cancel(range, on: cpu)
    case .invalidatesNeighbour:
      let shifted = range.last.advanced(by: 1).map { IOVARange(byte: $0).aligned(to: .fourKiB) }
      _ = issuer.flush(shifted ?? range, .unmap, on: cpu)
      base.cancel(range, on: cpu)
    case .reusesQuarantine:
      if !issuer.flush(range, .unmap, on: cpu) { issuer.quarantine(range) }
      base.cancel(range, on: cpu)
    default:
      base.retire(range, since: since, on: cpu, issuer: issuer)
    }
  }

  func retireParked<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    base.retireParked(range, since: since, on: cpu, issuer: issuer)
  }

  func beginGlobalInvalidation() -> InvalidationEpoch {
    let epoch = base.beginGlobalInvalidation()
    if bug == .freesAfterFailure { base.endGlobalInvalidation(epoch, on: .boot) }
    return epoch
  }

  func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {
    if bug != .freesAfterFailure { base.endGlobalInvalidation(epoch, on: cpu) }
  }

  func beginPiggyback(_ range: IOVARange) -> Piggyback { base.beginPiggyback(range) }

  func endPiggyback(_ piggyback: Piggyback, succeeded: Bool) {
    base.endPiggyback(piggyback, succeeded: succeeded)
  }

  func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {
    base.timerFired(purpose, on: cpu, issuer: issuer)
  }
}
