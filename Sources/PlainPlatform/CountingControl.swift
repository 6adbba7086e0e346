public import IOMMU

/// Hardware that agrees to everything, and does nothing but count what it is told to forget.
///
/// It takes no time and never fails, so that what is left is what the stack itself does.
public final class CountingControl: TranslationControl {
  /// Whether the device is told of each new mapping, as one is whose table is shadowed.
  public let requiresMapSideInvalidation: Bool
  /// Who has the device's translation.
  public let claim = TranslationClaim()
  /// How many invalidations it was told of, of ranges and of everything.
  public let issued = Tally()

  /// A device that wants to be told of new mappings, or not.
  public init(requiresMapSideInvalidation: Bool) {
    self.requiresMapSideInvalidation = requiresMapSideInvalidation
  }

  /// Any policy will do.
  @inlinable
  public var allowsDeferredInvalidation: Bool { true }

  /// Any policy will do.
  @inlinable
  public var isTrusted: Bool { true }

  /// All addresses that there are.
  @inlinable
  public var aperture: IOVARange {
    IOVARange(first: IOVA(0), last: IOVA(.max)) ?? IOVARange(byte: IOVA(0))
  }

  /// Agrees.
  @inlinable
  public func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}

  /// Agrees.
  @inlinable
  public func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}

  /// Agrees.
  @inlinable
  public func enableIdentity(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}

  /// Never.
  @inlinable
  public func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool { false }

  /// Agrees.
  @inlinable
  public func recover(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}

  /// Agrees.
  @inlinable
  public func reset(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}

  /// Counts it.
  @inlinable
  public func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    issued.add(on: cpu)
  }

  /// Counts it.
  @inlinable
  public func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    issued.add(on: cpu)
  }
}
