import IOMMU
import PlainPlatform
import Workloads

/// Whole mappings: the public API of a domain, down to the entries of its table.
final class MappingSubject<Scheme: InvalidationScheme>: Subject {
  typealias Token = Mapping<FromDevice>

  let domain: PagingDomain<CountingPlatform, Scheme>
  private let group: DeviceGroup<CountingControl>
  private let device: DMADevice<CountingControl>
  let memory: PlainMemory
  let arenaBytes: UInt64

  /// A domain with one device, which wants to be told of new mappings or not.
  init(_ scheme: Scheme, announced: Bool, options: PagingDomainOptions, tableBytes: Int) {
    let before = Counting.heapBytes
    memory = PlainMemory(tableBytes: tableBytes)
    arenaBytes = Counting.heapBytes &- before
    device = DMADevice(control: CountingControl(requiresMapSideInvalidation: announced))
    do {
      domain = try PagingDomain(
        scheme: scheme, memory: memory, timer: StillTimer(), observer: NoObserver(),
        options: options)
      group = DeviceGroup(defaultDomain: domain)
      try group.add(device, on: .boot)
    } catch {
      fatalError("no domain: \(error)")
    }
  }

  @inline(__always)
  func take(
    _ pages: UInt64, buffer: UInt64, on cpu: CPUIndex
  ) throws(NothingFree) -> Mapping<FromDevice> {
    guard let bytes = Buffers.buffer(buffer, pages: pages) else { throw NothingFree() }
    do throws(MapError) {
      return try domain.map(bytes, FromDevice.self, on: cpu)
    } catch {
      throw NothingFree()
    }
  }

  @inline(__always)
  func give(_ token: consuming Mapping<FromDevice>, on cpu: CPUIndex) {
    domain.unmap(token, on: cpu)
  }

  @inline(__always)
  static func addresses(of token: borrowing Mapping<FromDevice>) -> IOVARange { token.device }

  var invalidations: UInt64 { device.control.issued.sum }

  /// The bytes that tables take.
  var tableBytes: Int { memory.tables.pool.bytesInUse }
}
