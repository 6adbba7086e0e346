import IOMMU
import Workloads

/// The scheme of any policy, chosen while the program runs.
///
/// What is measured has the scheme as a type, so that all of it specialises. Checks go through the
/// same schemes by one more step, so that there is one domain and one driver for all of them.
final class ChosenScheme: InvalidationScheme {
  private let made: MadeScheme

  init(_ made: MadeScheme) { self.made = made }

  var aperture: IOVARange {
    switch made {
    case .strict(let scheme): scheme.aperture
    case .bitmap(let scheme): scheme.aperture
    case .queue(let scheme): scheme.aperture
    case .rollover(let scheme): scheme.aperture
    }
  }

  var defersInvalidation: Bool {
    switch made {
    case .strict(let scheme): scheme.defersInvalidation
    case .bitmap(let scheme): scheme.defersInvalidation
    case .queue(let scheme): scheme.defersInvalidation
    case .rollover(let scheme): scheme.defersInvalidation
    }
  }

  var parkingLimit: Nanoseconds? {
    switch made {
    case .strict(let scheme): scheme.parkingLimit
    case .bitmap(let scheme): scheme.parkingLimit
    case .queue(let scheme): scheme.parkingLimit
    case .rollover(let scheme): scheme.parkingLimit
    }
  }

  func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    switch made {
    case .strict(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    case .bitmap(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    case .queue(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    case .rollover(let scheme): try scheme.allocate(request, on: cpu, issuer: issuer)
    }
  }

  func cancel(_ range: IOVARange, on cpu: CPUIndex) {
    switch made {
    case .strict(let scheme): scheme.cancel(range, on: cpu)
    case .bitmap(let scheme): scheme.cancel(range, on: cpu)
    case .queue(let scheme): scheme.cancel(range, on: cpu)
    case .rollover(let scheme): scheme.cancel(range, on: cpu)
    }
  }

  func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    switch made {
    case .strict(let scheme): scheme.retire(range, since: since, on: cpu, issuer: issuer)
    case .bitmap(let scheme): scheme.retire(range, since: since, on: cpu, issuer: issuer)
    case .queue(let scheme): scheme.retire(range, since: since, on: cpu, issuer: issuer)
    case .rollover(let scheme): scheme.retire(range, since: since, on: cpu, issuer: issuer)
    }
  }

  func retireParked<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    switch made {
    case .strict(let scheme): scheme.retireParked(range, since: since, on: cpu, issuer: issuer)
    case .bitmap(let scheme): scheme.retireParked(range, since: since, on: cpu, issuer: issuer)
    case .queue(let scheme): scheme.retireParked(range, since: since, on: cpu, issuer: issuer)
    case .rollover(let scheme): scheme.retireParked(range, since: since, on: cpu, issuer: issuer)
    }
  }

  func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {
    switch made {
    case .strict(let scheme): scheme.timerFired(purpose, on: cpu, issuer: issuer)
    case .bitmap(let scheme): scheme.timerFired(purpose, on: cpu, issuer: issuer)
    case .queue(let scheme): scheme.timerFired(purpose, on: cpu, issuer: issuer)
    case .rollover(let scheme): scheme.timerFired(purpose, on: cpu, issuer: issuer)
    }
  }
}

/// What a scheme has to do with invalidations that it did not ask for itself.
extension ChosenScheme {
  func beginGlobalInvalidation() -> InvalidationEpoch {
    switch made {
    case .strict(let scheme): scheme.beginGlobalInvalidation()
    case .bitmap(let scheme): scheme.beginGlobalInvalidation()
    case .queue(let scheme): scheme.beginGlobalInvalidation()
    case .rollover(let scheme): scheme.beginGlobalInvalidation()
    }
  }

  func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {
    switch made {
    case .strict(let scheme): scheme.endGlobalInvalidation(epoch, on: cpu)
    case .bitmap(let scheme): scheme.endGlobalInvalidation(epoch, on: cpu)
    case .queue(let scheme): scheme.endGlobalInvalidation(epoch, on: cpu)
    case .rollover(let scheme): scheme.endGlobalInvalidation(epoch, on: cpu)
    }
  }

  func beginPiggyback(_ range: IOVARange) -> Piggyback {
    switch made {
    case .strict(let scheme): scheme.beginPiggyback(range)
    case .bitmap(let scheme): scheme.beginPiggyback(range)
    case .queue(let scheme): scheme.beginPiggyback(range)
    case .rollover(let scheme): scheme.beginPiggyback(range)
    }
  }

  func endPiggyback(_ piggyback: Piggyback, succeeded: Bool) {
    switch made {
    case .strict(let scheme): scheme.endPiggyback(piggyback, succeeded: succeeded)
    case .bitmap(let scheme): scheme.endPiggyback(piggyback, succeeded: succeeded)
    case .queue(let scheme): scheme.endPiggyback(piggyback, succeeded: succeeded)
    case .rollover(let scheme): scheme.endPiggyback(piggyback, succeeded: succeeded)
    }
  }
}
