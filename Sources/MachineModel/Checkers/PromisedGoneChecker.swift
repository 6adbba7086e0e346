import IOMMU

/// Promise 1: a device never reaches memory through a translation the policy has promised is gone.
///
/// Verified: every access of a device to a page that is not live is held against what the policy
/// promises: nothing once `unmap` has returned, nothing after a time-out, or nothing after an
/// invalidation. An access that the machine refused is fine; one to a live page is promise 3's.
/// Not verified: that a translation is gone which no device happens to use; promise 2 looks there.
struct PromisedGoneChecker {
  let promise: StalePromise
  let log: ViolationLog

  func accessed(_ access: DeviceAccess, _ page: MappingLedger.Page) {
    guard let physical = access.physical else { return }
    switch page.state {
    case .live, .quarantined: return
    case .free:
      log.report(
        .promisedGone, at: access.time,
        "device reached \(physical.hex) through \(access.iova.hex), which is not mapped")
    case .stale:
      checkStale(access, page)
    }
  }

  private func checkStale(_ access: DeviceAccess, _ page: MappingLedger.Page) {
    let age = access.time.nanoseconds > page.since ? access.time.nanoseconds - page.since : 0
    switch promise {
    case .untilInvalidation: return
    case .atUnmap:
      if !page.hasReturned { return }
      log.report(
        .promisedGone, at: access.time,
        "device reached \(access.iova.hex) \(age) ns after its unmap returned")
    case .within(let limit):
      if age <= limit.rawValue { return }
      log.report(
        .promisedGone, at: access.time,
        "device reached \(access.iova.hex) \(age) ns after its unmap; "
          + "the policy allows \(limit.rawValue) ns")
    }
  }
}
