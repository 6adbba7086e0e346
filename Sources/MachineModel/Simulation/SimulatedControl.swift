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
  var claim: TranslationClaim { function.claim }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try function.enableTranslation(
      root: root, rootLevel: rootLevel, aperture: aperture, by: owner, on: cpu)
  }

  func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    if bug != .ignoresDisable { try function.disableTranslation(by: owner, on: cpu) }
  }

  func enableIdentity(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try function.enableIdentity(by: owner, on: cpu)
  }

  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool {
    try function.isInError(on: cpu)
  }

  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try function.recover(by: owner, on: cpu)
  }

  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try function.reset(by: owner, on: cpu)
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
