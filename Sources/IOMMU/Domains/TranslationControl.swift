/// The hardware end of translation for one device function: what a domain tells the IOMMU.
///
/// On s390 this is the driver over MPCIFC and RPCIT. Context: any processor, several at once.
public protocol TranslationControl: AnyObject, Sendable {
  /// Whether a translation must be announced with ``invalidate(_:on:)`` before a device can use it.
  ///
  /// True under a hypervisor that shadows the table: it learns of new entries by that alone.
  var requiresMapSideInvalidation: Bool { get }

  /// Whether stale translations may be left for later; false for s390's ISM functions.
  var allowsDeferredInvalidation: Bool { get }

  /// Whether the device may be trusted with a stale window at all.
  var isTrusted: Bool { get }

  /// The addresses that the function can use for DMA through a translation table.
  var aperture: IOVARange { get }

  /// Who has the function's translation; the same object each time.
  var claim: TranslationClaim { get }

  /// Makes the function translate through the table at `root`, whose top level is `rootLevel`.
  ///
  /// On failure the function keeps the state that it had. Nothing that was cached before counts.
  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError)

  /// Makes the function reach nothing at all: it is blocked when this returns, or has vanished.
  ///
  /// A function that is blocked already stays so, and that is a success.
  func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError)

  /// Lets the function reach memory untranslated; `unsupported` where it cannot.
  func enableIdentity(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError)

  /// Whether the function is in error state, or was and may still hold what it had cached then.
  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool

  /// Brings a blocked function back from error state; without effect where it is in none.
  ///
  /// It is blocked before and after, and nothing that was cached outlives this. On failure it is
  /// in error state still, or gone.
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError)

  /// Puts the function into the state that it was probed in, whatever state it is in.
  ///
  /// It is blocked afterwards, and nothing that was cached outlives this; interruptions and
  /// whatever else was set up are lost. On failure it keeps the state that it had, or is blocked
  /// and can be reset again, or is gone.
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError)

  /// Drops what is cached for `range`, and takes up what the table says now.
  ///
  /// `range` is in whole granules. When this returns, no access through an older translation of
  /// the range can happen any more. On a blocked function there is nothing to do: a domain lists a
  /// device before it enables it, and until it has blocked it.
  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError)

  /// Drops everything that is cached for the function, and takes up what the table says now.
  func invalidateAll(on cpu: CPUIndex) throws(ControlError)
}

/// Why the hardware did not do what a domain asked of it.
public enum ControlError: Error, Equatable {
  /// The hypervisor cannot pin or shadow any more now; a global invalidate may let it give back.
  case outOfResources
  /// The function is gone or fenced: its handle is invalid. It reaches nothing.
  case functionGone
  /// The function is in error state: it reaches nothing until it is recovered.
  case functionInError
  /// The function or machine cannot do that.
  case unsupported
  /// Translation is on already.
  case alreadyEnabled
  /// The instruction was refused: its condition code and status as the architecture tells them.
  case refused(conditionCode: UInt8, status: UInt8)
}
