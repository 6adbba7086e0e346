import IOMMU
import PlainPlatform
import Workloads

/// Calls each entry point under each scheme, so that the compiler makes code for all of them.
///
/// Prints the number of mappings made and what the hardware was told.
@main
enum EntryPoints {
  static func main() throws {
    for policy in policies {
      let choice = SchemeChoice(
        policy: policy, aperture: aperture, cpus: 2, kernel: .linux6_12, cost: .shadowed)
      for told in [false, true] {
        switch choice.made {
        case nil: break
        case .strict(let scheme): try run(scheme, isTold: told)
        case .bitmap(let scheme): try run(scheme, isTold: told)
        case .queue(let scheme): try run(scheme, isTold: told)
        case .rollover(let scheme): try run(scheme, isTold: told)
        }
      }
    }
  }

  private static var policies: [InvalidationPolicy] {
    [
      .strict, .legacy, .legacyStrict, .queue(entries: 256, timeout: .milliseconds(10)),
      .singleQueue(entries: 32_768, timeout: .milliseconds(1_000)), .rollover(age: nil, stale: nil),
    ]
  }

  private static var aperture: IOVARange {
    IOVARange(first: IOVA(0), byteCount: 1 << 28) ?? IOVARange(byte: IOVA(0))
  }

  private static func run<Scheme: InvalidationScheme>(
    _ scheme: Scheme, isTold: Bool
  ) throws {
    let device = DMADevice(control: CountingControl(requiresMapSideInvalidation: isTold))
    let domain = try PagingDomain<CountingPlatform, Scheme>(
      scheme: scheme, memory: PlainMemory(tableBytes: 1 << 22), timer: StillTimer(),
      observer: NoObserver(), options: PagingDomainOptions(processors: 2))
    let group = DeviceGroup(defaultDomain: domain)
    try group.add(device, on: .boot)
    try run(domain)
    let told = device.control.issued.sum
    print("\(Scheme.self): \(domain.counters[.maps]) mappings, \(told) invalidations")
    _ = group.release(device, on: .boot)
  }

  private static func run<Scheme: InvalidationScheme>(
    _ domain: PagingDomain<CountingPlatform, Scheme>
  ) throws {
    for pages in [1, 1, 1, 64] as [UInt64] {
      let buffer = PhysicalRange(first: PhysicalAddress(0), last: PhysicalAddress(pages << 12 - 1))
      guard let buffer else { continue }
      let mapping = try Entries.map(domain, buffer, on: .boot)
      try Entries.synchronize(domain, on: .boot)
      Entries.unmap(domain, mapping, on: .boot)
      let segments = try [IOVARange](capacity: 4) { segments throws(MapError) in
        let list = try Entries.mapList(domain, [buffer].span, into: &segments, on: .boot)
        Entries.unmapList(domain, list, on: .boot)
      }
      if segments.count != 1 { print("\(segments.count) segments, not one") }
      let range = try Entries.allocate(
        domain, IOVARequest(pages: PageCount(pages)), on: .boot)
      Entries.retire(domain, range, on: .boot)
    }
  }
}
