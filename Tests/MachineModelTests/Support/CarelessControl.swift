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

  let claim = TranslationClaim()
  var requiresMapSideInvalidation: Bool { function.requiresMapSideInvalidation }
  var allowsDeferredInvalidation: Bool { true }
  var isTrusted: Bool { true }
  var aperture: IOVARange { function.aperture }

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
    if !forgetsToDisable { try function.disableTranslation(by: owner, on: cpu) }
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
