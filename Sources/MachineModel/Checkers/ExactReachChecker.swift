import IOMMU

/// Promise 3: after map and sync the device reaches exactly the mapped bytes, with the permission.
///
/// Verified: when a mapping is announced as usable, a probe of each page from the device's side
/// gives the mapped memory and permission; each later access to a live page reaches that memory, is
/// not refused when it is allowed, and is refused when it writes to what is read-only. Before the
/// announcement an access may be refused, but reaches nothing else either.
/// Not verified: that the device stays within the bytes of a mapping that ends inside a page; a
/// translation cannot tell them apart. Data patterns find such mistakes.
struct ExactReachChecker {
  let log: ViolationLog

  /// How many paths are about to make each function join the domain.
  var joining: [Int: Int] = [:]

  func isJoining(_ function: Int) -> Bool { joining[function, default: 0] > 0 }

  /// `functions` are those that can reach anything now; one in error takes up the table later.
  func usable(
    _ ledger: MappingLedger, _ index: Int, _ functions: [Int], _ probe: any TranslationProbe
  ) {
    let page = ledger.pages[index]
    let iova = ledger.address(index)
    guard page.state == .live else {
      log.report(
        .exactReach, at: probe.probeTime, "\(iova.hex) was called usable, but it is \(page.state)")
      return
    }
    let expected = ProbedTranslation(
      physical: PhysicalAddress(page.frame << 12), allowsWrite: page.allowsWrite)
    for function in functions where !isJoining(function) {
      let found = probe.reachable(iova, function: function)
      if found == expected { continue }
      log.report(
        .exactReach, at: probe.probeTime,
        "function \(function) reaches \(found?.physical.hex ?? "nothing") at \(iova.hex), "
          + "mapped to \(expected.physical.hex)"
          + (found?.physical == expected.physical ? " with another permission" : ""))
    }
  }

  /// `isRegistered` tells whether the function translates at all.
  func accessed(_ access: DeviceAccess, _ page: MappingLedger.Page, isRegistered: Bool) {
    guard page.state == .live else { return }
    let isAllowed = access.kind == .read || page.allowsWrite
    guard let physical = access.physical else {
      if isAllowed && page.isUsable && isRegistered && !access.isBlocked
        && !isJoining(access.function)
      {
        log.report(
          .exactReach, at: access.time,
          "a \(access.kind) of \(access.iova.hex) was refused though it is mapped")
      }
      return
    }
    if !isAllowed {
      log.report(
        .exactReach, at: access.time, "a write to \(access.iova.hex), which is read-only, went on")
    }
    let expected = page.frame << 12 | access.iova.rawValue & 0xfff
    if physical.rawValue != expected {
      log.report(
        .exactReach, at: access.time,
        "\(access.iova.hex) reached \(physical.hex) instead of "
          + PhysicalAddress(expected).hex)
    }
  }
}
