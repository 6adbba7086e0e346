import IOMMU
import Testing

typealias Group = DeviceGroup<RecordingControl>
typealias Device = DMADevice<RecordingControl>

/// The answer of a machine that will not do it, whatever it is.
let refusal = ControlError.refused(conditionCode: 1, status: 4)

/// An empty domain on plain memory.
func emptyDomain(_ memory: TestMemory = TestMemory()) throws -> RolloverDomain {
  try PagingDomain(
    scheme: rollover(), memory: memory, timer: ManualTimer(), observer: StaleWatcher(),
    options: PagingDomainOptions())
}

/// A group of so many devices, and what they are driven by.
struct GroupBench {
  let controls: [RecordingControl]
  let devices: [Device]
  let group: Group

  init(_ count: Int = 1, defaultDomain: TranslationDomain<RecordingControl>? = nil) throws {
    controls = (0..<count).map { _ in RecordingControl() }
    devices = controls.map { Device(control: $0) }
    group = Group(defaultDomain: defaultDomain)
    for device in devices { try group.add(device, on: .boot) }
    for control in controls { control.forget() }
  }

  var states: [DeviceState] { devices.map(\.state) }

  /// Expects that nothing is reached, and that releasing all leaves nothing behind.
  func finish(_ domains: [RolloverDomain] = [], _ location: SourceLocation = #_sourceLocation) {
    for device in devices { group.release(device, on: .boot) }
    #expect(controls.allSatisfy { !$0.isTranslating }, sourceLocation: location)
    #expect(states.allSatisfy { $0 == .released }, sourceLocation: location)
    #expect(controls.allSatisfy { !$0.claim.isTaken }, sourceLocation: location)
    #expect(group.deviceCount == 0, sourceLocation: location)
    for domain in domains {
      #expect(domain.deviceCount == 0 && domain.pendingCount == 0, sourceLocation: location)
      #expect(domain.stuckCount == 0, sourceLocation: location)
    }
  }
}
