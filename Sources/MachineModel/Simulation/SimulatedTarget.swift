import IOMMU

/// A domain as a simulation uses it, of whatever kind and scheme.
protocol SimulatedTarget: AnyObject {
  /// What groups attach to.
  var domain: TranslationDomain<SimulatedControl> { get }

  /// What the domain says of itself.
  var books: DomainBooks { get }

  func map(
    _ buffer: PhysicalRange, _ direction: ReplayDirection, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken

  /// Maps a list, with room for so many segments.
  func mapList(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, room: Int, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken

  func allocateCoherent(
    byteCount: Int, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken

  /// Takes back what the token stands for.
  func takeBack(_ token: consuming SimulatedToken, on cpu: CPUIndex)

  func synchronize(on cpu: CPUIndex) throws(MapError)

  /// Invalidates everything; false where that failed.
  func flush(on cpu: CPUIndex) -> Bool

  /// What the table says of the page at `iova`.
  func translation(of iova: IOVA) -> ProbedTranslation?

  func timerFired(_ purpose: TimerPurpose, on cpu: CPUIndex)
}

/// A token of any kind.
enum SimulatedToken: ~Copyable {
  case mapping(HeldMapping, IOVARange)
  case coherent(CoherentBuffer)

  /// Where the device finds it.
  var device: IOVARange {
    switch self {
    case .mapping(_, let device): device
    case .coherent(let buffer): buffer.device
    }
  }

  /// The memory of a coherent buffer, `nil` for a mapping.
  var coherentMemory: PhysicalRange? {
    switch self {
    case .mapping: nil
    case .coherent(let buffer): buffer.memory
    }
  }
}

/// What a domain counts.
struct DomainBooks: Equatable {
  var maps: UInt64 = 0
  var unmaps: UInt64 = 0
  var pagesMapped: UInt64 = 0
  var pagesUnmapped: UInt64 = 0
  var live: UInt64 = 0
  var devices = 0
  var pending = 0
  var quarantinedRanges: UInt64 = 0
  var quarantinedPages: UInt64 = 0
}

/// A domain with a translation table.
final class SimulatedPaging<Scheme: InvalidationScheme>: SimulatedTarget {
  private let paging: PagingDomain<SimulatedPlatform, Scheme>
  private var segments: [IOVARange] = []

  init(_ paging: PagingDomain<SimulatedPlatform, Scheme>) {
    self.paging = paging
  }

  var domain: TranslationDomain<SimulatedControl> { paging }
  var counters: InvalidationCounters { paging.counters }

  var books: DomainBooks {
    DomainBooks(
      maps: paging.counters[.maps], unmaps: paging.counters[.unmaps],
      pagesMapped: paging.counters.pagesMapped, pagesUnmapped: paging.counters.pagesUnmapped,
      live: paging.liveMappings, devices: paging.deviceCount, pending: paging.pendingCount,
      quarantinedRanges: paging.quarantineRecord.ranges,
      quarantinedPages: paging.quarantineRecord.pages)
  }

  func map(
    _ buffer: PhysicalRange, _ direction: ReplayDirection, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken {
    switch direction {
    case .toDevice: .token(try paging.map(buffer, ToDevice.self, on: cpu))
    case .fromDevice: .token(try paging.map(buffer, FromDevice.self, on: cpu))
    case .bothWays: .token(try paging.map(buffer, Bidirectional.self, on: cpu))
    }
  }

  func mapList(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, room: Int, on cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken {
    switch direction {
    case .toDevice: try mapList(buffers, ToDevice.self, room, cpu)
    case .fromDevice: try mapList(buffers, FromDevice.self, room, cpu)
    case .bothWays: try mapList(buffers, Bidirectional.self, room, cpu)
    }
  }

  private func mapList<Direction: HeldDirection>(
    _ buffers: [PhysicalRange], _ direction: Direction.Type, _ room: Int, _ cpu: CPUIndex
  ) throws(MapError) -> SimulatedToken {
    var list: ScatterMapping<Direction>?
    segments.removeAll(keepingCapacity: true)
    try segments.append(addingCapacity: room) {
      (output: inout OutputSpan<IOVARange>) throws(MapError) in
      list = try paging.mapScatterGather(buffers.span, direction, into: &output, on: cpu)
    }
    guard let mapped = list.take() else { throw .badScatterList(segments: buffers.count) }
    let device = mapped.device
    return .mapping(Direction.held(mapped), device)
  }

  func allocateCoherent(byteCount: Int, on cpu: CPUIndex) throws(MapError) -> SimulatedToken {
    .coherent(try paging.allocateCoherent(byteCount: byteCount, on: cpu))
  }

  func takeBack(_ token: consuming SimulatedToken, on cpu: CPUIndex) {
    switch consume token {
    case .coherent(let buffer): paging.freeCoherent(buffer, on: cpu)
    case .mapping(let held, _):
      switch consume held {
      case .none: break
      case .toDevice(let mapping): paging.unmap(mapping, on: cpu)
      case .fromDevice(let mapping): paging.unmap(mapping, on: cpu)
      case .bothWays(let mapping): paging.unmap(mapping, on: cpu)
      case .listToDevice(let list): paging.unmapScatterGather(list, on: cpu)
      case .listFromDevice(let list): paging.unmapScatterGather(list, on: cpu)
      case .listBothWays(let list): paging.unmapScatterGather(list, on: cpu)
      }
    }
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) { try paging.synchronize(on: cpu) }

  func flush(on cpu: CPUIndex) -> Bool { paging.flushAll(.timeout, on: cpu) }

  func translation(of iova: IOVA) -> ProbedTranslation? {
    paging.table.lookup(iova).map {
      ProbedTranslation(physical: $0.physical, allowsWrite: $0.permission.allowsWrite)
    }
  }

  func timerFired(_ purpose: TimerPurpose, on cpu: CPUIndex) {
    paging.timerFired(purpose, on: cpu)
  }
}

extension SimulatedToken {
  /// The token of one buffer.
  static func token<Direction: HeldDirection>(
    _ mapping: consuming Mapping<Direction>
  ) -> SimulatedToken {
    let device = mapping.device
    return .mapping(Direction.held(mapping), device)
  }
}
