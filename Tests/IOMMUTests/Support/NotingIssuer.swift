import IOMMU

/// A domain's part towards a scheme, which only takes notes.
final class NotingIssuer: InvalidationIssuer {
  let scheme: RolloverScheme
  var time: UInt64 = 0
  var tablesInUse: UInt64
  /// The ranges that were invalidated since the last global invalidation, and what their number is
  /// that fails, counted from 0.
  private(set) var ranges: [IOVARange] = []
  private(set) var globals = 0
  var failing: Int?

  init(_ scheme: RolloverScheme, tablesInUse: UInt64 = .max) {
    self.scheme = scheme
    self.tablesInUse = tablesInUse
  }

  func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    ranges.append(range)
    return failing != ranges.count - 1
  }

  func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    globals += 1
    scheme.endGlobalInvalidation(scheme.beginGlobalInvalidation(), on: cpu)
    return true
  }

  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
  func quarantine(_ range: IOVARange) {}
  func account(freed pages: UInt64, oldest since: Instant) {}
  func now() -> Instant { Instant(nanoseconds: time) }

  /// Takes every page of the aperture, and gives those back whose number is in `stale`.
  func makeStale(_ stale: [UInt64]) throws {
    var page: [IOVARange] = []
    for _ in 0..<scheme.aperture.pageCount(of: .fourKiB).rawValue {
      page.append(
        try scheme.allocate(IOVARequest(pages: PageCount(1)), on: .boot, issuer: self))
    }
    let first = scheme.aperture.first.rawValue
    let byNumber = Dictionary(
      uniqueKeysWithValues: page.map { (($0.first.rawValue - first) >> 12, $0) })
    for number in stale {
      guard let range = byNumber[number] else { continue }
      time += 1
      scheme.retire(range, since: now(), on: .boot, issuer: self)
    }
  }

  /// Lets the stale pages come of age.
  func age() {
    time += 1_000_000
    scheme.timerFired(.age, on: .boot, issuer: self)
  }
}
