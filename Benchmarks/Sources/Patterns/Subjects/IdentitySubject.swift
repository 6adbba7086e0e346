import IOMMU
import PlainPlatform

/// Mappings without translation, the upper bound.
final class IdentitySubject: Subject {
  typealias Token = Mapping<FromDevice>

  private let domain: IdentityDomain<CountingPlatform>
  private let group: DeviceGroup<CountingControl>
  private let device: DMADevice<CountingControl>

  init() {
    device = DMADevice(control: CountingControl(requiresMapSideInvalidation: false))
    do {
      domain = try IdentityDomain(
        memory: PlainMemory(tableBytes: 1 << 20), observer: NoObserver(), processors: 4)
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
  var tableBytes: Int { 0 }
  var arenaBytes: UInt64 { 0 }
}
