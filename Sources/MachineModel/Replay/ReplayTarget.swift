import IOMMU

/// A domain as a replay uses it: its mappings lie in numbered places.
protocol ReplayTarget: AnyObject {
  /// Maps `buffers`, one or more, as one mapping into `place`, which is empty.
  ///
  /// Returns: device addresses whose first and last page are those of the mapping.
  func map(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, into place: Int, on cpu: CPUIndex
  ) throws(MapError) -> IOVARange

  /// Makes what was mapped on `cpu` usable by the device.
  func synchronize(on cpu: CPUIndex) throws(MapError)

  /// Takes back the mapping in `place`, if one is there.
  func unmap(_ place: Int, on cpu: CPUIndex)
}

/// A domain with a translation table.
final class PagingTarget<Scheme: InvalidationScheme>: ReplayTarget {
  private let domain: PagingDomain<ModelPlatform, Scheme>
  private let held: FixedStorage<HeldMapping>
  private var segments: [IOVARange] = []

  /// `domain` with room for `places` mappings.
  init(_ domain: PagingDomain<ModelPlatform, Scheme>, places: Int) {
    self.domain = domain
    held = FixedStorage(count: places) { _ in .none }
  }

  func map(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, into place: Int, on cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    switch direction {
    case .toDevice: try map(buffers, ToDevice.self, place, cpu)
    case .fromDevice: try map(buffers, FromDevice.self, place, cpu)
    case .bothWays: try map(buffers, Bidirectional.self, place, cpu)
    }
  }

  private func map<Direction: HeldDirection>(
    _ buffers: [PhysicalRange], _ direction: Direction.Type, _ place: Int, _ cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    if buffers.count == 1 {
      let mapping = try domain.map(buffers[0], direction, on: cpu)
      let device = mapping.device
      held[place] = Direction.held(mapping)
      return device
    }
    var list: ScatterMapping<Direction>?
    segments.removeAll(keepingCapacity: true)
    try segments.append(addingCapacity: buffers.count) {
      (output: inout OutputSpan<IOVARange>) throws(MapError) in
      list = try domain.mapScatterGather(buffers.span, direction, into: &output, on: cpu)
    }
    guard let mapped = list.take() else { throw .badScatterList(segments: buffers.count) }
    let device = mapped.device
    held[place] = Direction.held(mapped)
    return device
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) {
    try domain.synchronize(on: cpu)
  }

  func unmap(_ place: Int, on cpu: CPUIndex) {
    switch held[place].take() {
    case .none: break
    case .toDevice(let mapping): domain.unmap(mapping, on: cpu)
    case .fromDevice(let mapping): domain.unmap(mapping, on: cpu)
    case .bothWays(let mapping): domain.unmap(mapping, on: cpu)
    case .listToDevice(let list): domain.unmapScatterGather(list, on: cpu)
    case .listFromDevice(let list): domain.unmapScatterGather(list, on: cpu)
    case .listBothWays(let list): domain.unmapScatterGather(list, on: cpu)
    }
  }
}
