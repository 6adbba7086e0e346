import IOMMU
import PlainPlatform

/// What is called of a domain and its scheme on the way of each mapping, one function apiece.
///
/// `Scripts/check-specialised` finds the functions by name, once for each scheme.
struct Entries<Scheme: InvalidationScheme> {
  typealias Domain = PagingDomain<CountingPlatform, Scheme>

  @inline(never)
  static func map(
    _ domain: Domain, _ buffer: PhysicalRange, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<FromDevice> {
    try domain.map(buffer, FromDevice.self, on: cpu)
  }

  @inline(never)
  static func unmap(
    _ domain: Domain, _ mapping: consuming Mapping<FromDevice>, on cpu: CPUIndex
  ) {
    domain.unmap(mapping, on: cpu)
  }

  @inline(never)
  static func mapList(
    _ domain: Domain, _ buffers: Span<PhysicalRange>, into segments: inout OutputSpan<IOVARange>,
    on cpu: CPUIndex
  ) throws(MapError) -> ScatterMapping<ToDevice> {
    try domain.mapScatterGather(buffers, ToDevice.self, into: &segments, on: cpu)
  }

  @inline(never)
  static func unmapList(
    _ domain: Domain, _ mapping: consuming ScatterMapping<ToDevice>, on cpu: CPUIndex
  ) {
    domain.unmapScatterGather(mapping, on: cpu)
  }

  @inline(never)
  static func synchronize(_ domain: Domain, on cpu: CPUIndex) throws(MapError) {
    try domain.synchronize(on: cpu)
  }

  @inline(never)
  static func allocate(
    _ domain: Domain, _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange {
    try domain.scheme.allocate(request, on: cpu, issuer: domain)
  }

  @inline(never)
  static func retire(_ domain: Domain, _ range: IOVARange, on cpu: CPUIndex) {
    domain.scheme.retire(range, since: domain.now(), on: cpu, issuer: domain)
  }
}
