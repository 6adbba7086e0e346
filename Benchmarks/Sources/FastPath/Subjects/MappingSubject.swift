import IOMMU
import Synchronization
import Workloads

/// Whole mappings: the public API of a domain, down to the entries of its table.
final class MappingSubject<Scheme: InvalidationScheme>: Subject {
  typealias Token = Mapping<FromDevice>

  let domain: PagingDomain<BenchPlatform, Scheme>
  private let group: DeviceGroup<CountingControl>
  private let device: DMADevice<CountingControl>
  private let memory: PlainMemory
  private let isBatched: Bool

  /// A domain with one device, which wants to be told of new mappings or not.
  init(_ scheme: Scheme, announced: Bool, options: PagingDomainOptions, tableBytes: Int) {
    memory = PlainMemory(tableBytes: tableBytes)
    isBatched = options.modifiers.contains(.batch)
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
    // Somewhere in the lowest terabyte; nobody looks at the memory.
    let first = PhysicalAddress((buffer & 0x0fff_ffff) &<< 12)
    guard let bytes = PhysicalRange(first: first, byteCount: pages &<< 12) else {
      throw NothingFree()
    }
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

  var invalidations: UInt64 { device.control.issued.load(ordering: .relaxed) }

  /// The bytes that tables take.
  var tableBytes: Int { memory.tables.pool.bytesInUse }
}
