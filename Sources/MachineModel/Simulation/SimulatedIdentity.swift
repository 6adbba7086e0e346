import IOMMU

/// A domain without translation.
final class SimulatedIdentity: SimulatedTarget {
  private let identity: IdentityDomain<SimulatedPlatform>
  /// What is added to an address of memory.
  private let offset: UInt64
  private let aperture: IOVARange

  init(_ identity: IdentityDomain<SimulatedPlatform>, offset: UInt64, aperture: IOVARange) {
    self.identity = identity
    self.offset = offset
    self.aperture = aperture
  }

  var domain: TranslationDomain<SimulatedControl> { identity }

  var books: DomainBooks {
    let counters = identity.counters
    return DomainBooks(
      maps: counters[.maps], unmaps: counters[.unmaps],
      live: counters[.maps] &- counters[.unmaps], devices: identity.deviceCount,
      pending: identity.pendingCount,
      quarantinedRanges: identity.quarantineRecord.ranges,
      quarantinedPages: identity.quarantineRecord.pages)
  }

  func map(
    _ buffer: PhysicalRange, _ direction: ReplayDirection, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken {
    switch direction {
    case .toDevice: .token(try identity.map(buffer, ToDevice.self, on: cpu))
    case .fromDevice: .token(try identity.map(buffer, FromDevice.self, on: cpu))
    case .bothWays: .token(try identity.map(buffer, Bidirectional.self, on: cpu))
    }
  }

  /// The first of the buffers alone: without translation there is nothing to join.
  func mapList(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, room: Int, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken {
    guard let first = buffers.first else { throw .badScatterList(segments: 0) }
    return try map(first, direction, on: cpu)
  }

  func allocateCoherent(byteCount: Int, on cpu: CPUIndex) throws(MapError) -> SimulatedToken {
    .coherent(try identity.allocateCoherent(byteCount: byteCount, on: cpu))
  }

  func takeBack(_ token: consuming SimulatedToken, on cpu: CPUIndex) {
    switch consume token {
    case .coherent(let buffer): identity.freeCoherent(buffer, on: cpu)
    case .mapping(let held, _):
      switch consume held {
      case .toDevice(let mapping): identity.unmap(mapping, on: cpu)
      case .fromDevice(let mapping): identity.unmap(mapping, on: cpu)
      case .bothWays(let mapping): identity.unmap(mapping, on: cpu)
      default: break
      }
    }
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) { try identity.synchronize(on: cpu) }

  func flush(on cpu: CPUIndex) -> Bool { true }

  func translation(of iova: IOVA) -> ProbedTranslation? {
    guard aperture.contains(iova) else { return nil }
    return ProbedTranslation(
      physical: PhysicalAddress(iova.rawValue &- offset), allowsWrite: true)
  }

  func timerFired(_ purpose: TimerPurpose, on cpu: CPUIndex) {}
}
