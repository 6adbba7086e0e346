import IOMMU

@testable import MachineModel

/// A scheme that is wrong on purpose: what it does at an unmap is the test's.
///
/// Addresses come from a list that goes round, so that what is free is soon handed out again.
final class BrokenScheme: InvalidationScheme, @unchecked Sendable {
  /// What happens when a range is given up.
  enum Fault {
    /// Free at once, and nothing is invalidated.
    case freesEarly
    /// Invalidated, but another page than the one that was given up.
    case invalidatesNeighbour
    /// Every range handed out begins at the same page, whoever has it.
    case handsOutTwice
    /// What was quarantined is free all the same.
    case reusesQuarantine
  }

  let aperture: IOVARange
  let fault: Fault
  private var free: [UInt64]

  init(aperture: IOVARange, _ fault: Fault) {
    self.aperture = aperture
    self.fault = fault
    let first = aperture.first.rawValue
    free = (0..<8).map { first + UInt64($0) * 4_096 }
  }

  var defersInvalidation: Bool { false }

  func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    let first = fault == .handsOutTwice ? free[0] : free.removeFirst()
    return IOVARange(
      first: IOVA(first), last: IOVA(first + request.pages.rawValue * 4_096 - 1))!
  }

  func cancel(_ range: IOVARange, on cpu: CPUIndex) {
    free.insert(range.first.rawValue, at: 0)
  }

  func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    switch fault {
    case .freesEarly:
      break
    case .invalidatesNeighbour:
      let next = range.last.rawValue + 1
      _ = issuer.flush(
        IOVARange(first: IOVA(next), last: IOVA(next + 4_095))!, .unmap, on: cpu)
    case .handsOutTwice:
      _ = issuer.flush(range, .unmap, on: cpu)
      return
    case .reusesQuarantine:
      if !issuer.flush(range, .unmap, on: cpu) { issuer.quarantine(range) }
    }
    free.insert(range.first.rawValue, at: 0)
  }

  func beginGlobalInvalidation() -> InvalidationEpoch { InvalidationEpoch(0) }

  func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {}
}
