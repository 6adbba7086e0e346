import IOMMU
import ZPCI

@testable import MachineModel

/// The zPCI driver's end of translation, which a test can make forget what it was told to do.
final class CarelessControl: TranslationControl, @unchecked Sendable {
  let function: ZPCIFunction<Machine>
  /// Invalidations are answered with success, and not issued.
  var forgetsInvalidations = false
  /// Disabling is answered with success, and not done.
  var forgetsToDisable = false
  /// The answer to invalidations that are not issued, if there is one.
  var refusal: ControlError?

  init(_ function: ZPCIFunction<Machine>) {
    self.function = function
  }

  var requiresMapSideInvalidation: Bool { function.requiresMapSideInvalidation }
  var allowsDeferredInvalidation: Bool { true }
  var isTrusted: Bool { true }
  var aperture: IOVARange { function.aperture }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange, on cpu: CPUIndex
  ) throws(ControlError) {
    try function.enableTranslation(
      root: root, rootLevel: rootLevel, aperture: aperture, on: cpu)
  }

  func disableTranslation(on cpu: CPUIndex) throws(ControlError) {
    if !forgetsToDisable { try function.disableTranslation(on: cpu) }
  }

  func enableIdentity(on cpu: CPUIndex) throws(ControlError) {
    try function.enableIdentity(on: cpu)
  }

  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    if let refusal { throw refusal }
    if !forgetsInvalidations { try function.invalidate(range, on: cpu) }
  }

  func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    if let refusal { throw refusal }
    if !forgetsInvalidations { try function.invalidateAll(on: cpu) }
  }
}

/// The model's platform with a careless control, and whatever format of entries.
enum CarelessPlatform<Format: TableFormat>: DMAPlatform {
  typealias Memory = MachineMemory
  typealias Control = CarelessControl
  typealias Timer = MachineTimer
  typealias Observer = CheckerSuite
}
