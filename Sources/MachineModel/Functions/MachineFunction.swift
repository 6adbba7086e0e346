import IOMMU
import ZPCI

/// One PCI function of the machine: its state, its registrations, its translations, its device.
final class MachineFunction: @unchecked Sendable {
  /// The number of the function in the machine, from 0.
  let number: Int
  let identifier: UInt32
  let device: any DeviceModel
  let memory: MachineMemory
  let timeline: Timeline
  let observers: Observers
  let faults: FaultInjector
  let description: MachineDescription
  let seed: UInt64
  let adapterInterrupts: AdapterInterrupts

  /// The number by which events name this function; set once it is among the targets.
  var target: Int32 = 0

  /// Where it is in its life; changed by ``enter(_:)`` alone.
  private(set) var condition = FunctionCondition.configured
  private var isEnabledInHandle = false
  private var instance: UInt32 = 0

  var configuration: ConfigurationSpace
  var messages: MessageTable

  /// The registered translation, or `nil`.
  var registration: Registration?
  var shadow: Shadow
  var cache: IOTLB

  /// What interrupts were registered for, or `nil`.
  var interrupts: InterruptionControls?
  /// Who handles a vector, by vector.
  var routes: [InterruptRoute?]

  /// Where measurements are written to, or 0.
  var measurementAddress: UInt64 = 0
  var measurementEvent: EventID?
  /// How often measurements were written.
  var measurementSamples: UInt32 = 0

  /// What happened to it.
  var totals = FunctionTotals()
  /// Errors that a driver has not fetched yet, oldest first.
  var errorEvents: [ErrorEvent] = []

  /// A registered translation.
  struct Registration {
    let designation: UInt64
    /// The addresses for which it was registered, within the aperture.
    let range: IOVARange
    /// The walk through the registered table, or `nil` where memory is reached untranslated.
    let walk: TableWalk?
  }

  init(
    number: Int, device: any DeviceModel, memory: MachineMemory, observers: Observers,
    adapterInterrupts: AdapterInterrupts, description: MachineDescription, seed: UInt64
  ) {
    self.number = number
    identifier = UInt32(number) + 1
    self.device = device
    self.memory = memory
    timeline = memory.timeline
    self.observers = observers
    faults = memory.faults
    self.description = description
    self.adapterInterrupts = adapterInterrupts
    self.seed = seed
    let isShadowed = description.translation == .shadowed
    let bytes = description.apertureBytes
    shadow = Shadow(
      firstAddress: description.apertureFirst, byteCount: isShadowed ? bytes : 0,
      pinnedMax: description.refresh.pinnedPagesMax ?? .max)
    cache = IOTLB(pageCount: isShadowed ? 0 : Int(bytes &>> 12))
    configuration = ConfigurationSpace(device.identity)
    messages = MessageTable(vectors: device.identity.vectors)
    routes = Array(repeating: nil, count: device.identity.vectors)
  }

  /// The handle by which instructions name the function now.
  ///
  /// Bits as QEMU has them (include/hw/s390x/s390-pci-bus.h, `FH_MASK_…`): enabled in bit 31, an
  /// instance number that moves on with each disabling in bits 30 to 24, "emulated" in bit 17, the
  /// function's number in bits 15 to 0.
  var handle: UInt32 {
    (isEnabledInHandle ? 1 << 31 : 0) | instance << 24 | 1 << 17 | UInt32(number)
  }

  /// The last byte of the addresses that the function can use.
  var apertureLast: UInt64 { description.apertureFirst + description.apertureBytes - 1 }

  /// Goes to another state.
  func enter(_ new: FunctionCondition) {
    if new == condition { return }
    let old = condition
    condition = new
    let time = Instant(nanoseconds: max(timeline.deviceTime, timeline.localTime))
    for observer in observers.all {
      observer.functionConditionChanged(function: number, from: old, to: new, time: time)
    }
  }

  /// Enables the function: its handle changes.
  func enable() {
    isEnabledInHandle = true
    enter(.enabled)
  }

  /// Disables the function: everything registered is dropped, the device is reset, and the handle
  /// is one that it never had before.
  func disable(to state: FunctionCondition) {
    if isEnabledInHandle { instance = (instance + 1) & 0x7f }
    isEnabledInHandle = false
    deregisterTranslation()
    interrupts = nil
    stopMeasurement()
    resetDevice()
    enter(state)
  }

  /// Puts device and configuration space into the state after power-on.
  func resetDevice() {
    timeline.deviceEvents.cancelAll(target: target)
    configuration = ConfigurationSpace(device.identity)
    messages = MessageTable(vectors: device.identity.vectors)
    for vector in routes.indices { routes[vector]?.isPending = false }
    device.reset()
  }

  /// Sets a translation up; the function has none.
  func registerTranslation(_ new: Registration) {
    registration = new
    for observer in observers.all {
      observer.translationRegistered(
        function: number, designation: new.designation, range: new.range,
        time: Instant(nanoseconds: timeline.localTime))
    }
  }

  /// Takes the translation away; returns how many pages were unpinned.
  @discardableResult
  func deregisterTranslation() -> UInt64 {
    if registration == nil { return 0 }
    registration = nil
    cache.removeAll()
    let removed = shadow.removeAll()
    for observer in observers.all {
      observer.translationRegistered(
        function: number, designation: nil, range: nil,
        time: Instant(nanoseconds: timeline.localTime))
    }
    return removed
  }

  /// Stops writing measurements.
  func stopMeasurement() {
    measurementAddress = 0
    if let measurementEvent { timeline.deviceEvents.cancel(measurementEvent) }
    measurementEvent = nil
    measurementSamples = 0
  }

  /// Puts the function into error state because of something a device did, and tells why.
  func fail(_ code: ErrorEvent.Code, address: UInt64) {
    switch condition {
    case .enabled, .blocked: break
    default: return
    }
    totals.errors &+= 1
    errorEvents.append(
      ErrorEvent(
        function: number, handle: handle, code: code, address: address,
        time: Instant(nanoseconds: max(timeline.deviceTime, timeline.localTime))))
    enter(.error)
  }
}
