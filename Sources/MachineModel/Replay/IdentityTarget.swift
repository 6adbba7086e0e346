import IOMMU

/// A domain without translation, which maps the segments of a list one by one.
final class IdentityTarget: ReplayTarget {
  private let domain: IdentityDomain<ModelPlatform>
  private var held: [Segment?]

  /// One segment's mapping, and the others of its list.
  private final class Segment {
    var mapping: HeldMapping
    var next: Segment?

    init(_ mapping: consuming HeldMapping, _ next: Segment?) {
      self.mapping = mapping
      self.next = next
    }
  }

  /// `domain` with room for `places` mappings.
  init(_ domain: IdentityDomain<ModelPlatform>, places: Int) {
    self.domain = domain
    held = Array(repeating: nil, count: places)
  }

  func map(
    _ buffers: [PhysicalRange], _ direction: ReplayDirection, into place: Int, on cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    var pages: IOVARange?
    for buffer in buffers {
      let device =
        switch direction {
        case .toDevice: try map(buffer, ToDevice.self, place, cpu)
        case .fromDevice: try map(buffer, FromDevice.self, place, cpu)
        case .bothWays: try map(buffer, Bidirectional.self, place, cpu)
        }
      pages = pages.map { $0.union(device) } ?? device
    }
    guard let pages else { throw .badScatterList(segments: 0) }
    return pages
  }

  private func map<Direction: HeldDirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, _ place: Int, _ cpu: CPUIndex
  ) throws(MapError) -> IOVARange {
    let mapping = try domain.map(buffer, direction, on: cpu)
    let device = mapping.device
    held[place] = Segment(Direction.held(mapping), held[place])
    return device
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) {
    try domain.synchronize(on: cpu)
  }

  func unmap(_ place: Int, on cpu: CPUIndex) {
    var rest = held[place]
    held[place] = nil
    while let segment = rest {
      switch segment.mapping.take() {
      case .toDevice(let mapping): domain.unmap(mapping, on: cpu)
      case .fromDevice(let mapping): domain.unmap(mapping, on: cpu)
      case .bothWays(let mapping): domain.unmap(mapping, on: cpu)
      // Nothing, or a list, which is a paging domain's.
      default: break
      }
      rest = segment.next
    }
  }
}
