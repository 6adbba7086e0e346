import IOMMU
import ZPCI

/// What a domain is bound to in a simulation: the model's platform, with a control that can be
/// broken.
enum SimulatedPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = MachineMemory
  typealias Control = SimulatedControl
  typealias Timer = MachineTimer
  typealias Observer = CheckerSuite
}

/// The zPCI driver's end of translation, passed through.
///
/// With a ``PlantedBug`` it is wrong on purpose, to find out whether a simulation notices.
final class SimulatedControl: TranslationControl {
  let function: ZPCIFunction<Machine>
  private let bug: PlantedBug?

  init(_ function: ZPCIFunction<Machine>, bug: PlantedBug?) {
    self.function = function
    self.bug = bug
  }

  var requiresMapSideInvalidation: Bool {
    bug != .skipsAnnouncement && function.requiresMapSideInvalidation
  }
  var allowsDeferredInvalidation: Bool { function.allowsDeferredInvalidation }
  var isTrusted: Bool { function.isTrusted }
  var aperture: IOVARange { function.aperture }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange, on cpu: CPUIndex
  ) throws(ControlError) {
    try function.enableTranslation(root: root, rootLevel: rootLevel, aperture: aperture, on: cpu)
  }

  func disableTranslation(on cpu: CPUIndex) throws(ControlError) {
    if bug != .ignoresDisable { try function.disableTranslation(on: cpu) }
  }

  func enableIdentity(on cpu: CPUIndex) throws(ControlError) {
    try function.enableIdentity(on: cpu)
  }

  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    if bug == .forgetsRanges { return }
    do throws(ControlError) {
      try function.invalidate(range, on: cpu)
    } catch {
      if bug != .swallowsErrors { throw error }
    }
  }

  func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    if bug == .forgetsGlobals { return }
    do throws(ControlError) {
      try function.invalidateAll(on: cpu)
    } catch {
      if bug != .swallowsErrors { throw error }
    }
  }
}
