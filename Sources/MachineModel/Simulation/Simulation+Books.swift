import IOMMU

/// What the product counts, held against what the oracle knows.
extension Simulation {
  func checkBooks() {
    for domain in domains { checkBooks(of: domain) }
    let bytes = machine.memory.bufferBytesInUse
    if bytes != bufferBytes {
      fail(.books, "\(bytes) bytes of buffers are in use, \(bufferBytes) should be")
    }
  }

  func checkBooks(of domain: SimulatedDomain) {
    guard let target = domain.target else { return }
    let found = target.books
    var expected = domain.oracle.books
    expected.devices = isAnyStuck ? found.devices : devices(of: domain, in: .attached)
    expected.pending = devices(of: domain, in: .pending)
    expected.quarantinedRanges += domain.checkers.failedRanges
    // The pages of failed ranges are the domain's to say.
    expected.quarantinedPages = found.quarantinedPages
    if found.quarantinedPages < domain.oracle.books.quarantinedPages {
      fail(.books, "\(found.quarantinedPages) pages are quarantined, fewer than were dropped")
    }
    if found != expected {
      fail(.books, "domain \(domain.number) counts \(found) where there are \(expected)")
    }
    checkTable(of: domain, target)
  }

  /// Looks up a few of the pages that are mapped.
  private func checkTable(of domain: SimulatedDomain, _ target: any SimulatedTarget) {
    if domain.isIdentity { return }
    for holding in domain.held.prefix(4) {
      let range = holding.device.aligned(to: .fourKiB)
      for iova in [range.first, IOVA(range.last.rawValue & ~0xfff)] {
        guard let index = domain.oracle.index(iova) else { continue }
        expect(target.translation(of: iova), domain.oracle.pages[index], at: iova)
      }
    }
  }

  private func expect(
    _ found: ProbedTranslation?, _ page: DomainOracle.Page, at iova: IOVA
  ) {
    let expected = ProbedTranslation(
      physical: PhysicalAddress(UInt64(page.frame) << 12), allowsWrite: page.allowsWrite)
    if found == expected { return }
    fail(
      .oracle,
      "the table has \(found?.physical.hex ?? "nothing") at \(iova.hex), "
        + "mapped to \(expected.physical.hex)")
  }

  /// Looks up every page: what is mapped is there, and nothing else but what waits for reuse.
  func checkWholeTable(of domain: SimulatedDomain) {
    guard let target = domain.target, !domain.isIdentity else { return }
    let mayWait = domain.plan.choice.modifiers.contains(.reuse) || domain.checkers.failedRanges > 0
    for index in domain.oracle.pages.indices {
      let page = domain.oracle.pages[index]
      let iova = domain.oracle.address(index)
      let found = target.translation(of: iova)
      if page.holder >= 0 {
        expect(found, page, at: iova)
      } else if let found, !mayWait {
        fail(.oracle, "the table has \(found.physical.hex) at \(iova.hex), which is not mapped")
      }
      if failure != nil { return }
    }
  }

  /// After an error everything is as before the call.
  func expectUnchanged(_ domain: SimulatedDomain) {
    guard let target = domain.target else { return }
    let found = target.books
    let expected = domain.oracle.books
    if found.maps &- found.unmaps != expected.live {
      fail(.promise(.errorState), "\(found.live) mappings are live where \(expected.live) were")
    }
    let bytes = machine.memory.bufferBytesInUse
    if bytes != bufferBytes {
      fail(
        .promise(.errorState), "\(bytes) bytes of buffers are in use where \(bufferBytes) were")
    }
  }
}
