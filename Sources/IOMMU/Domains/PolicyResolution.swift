/// Which policy a device really gets, and why if it is not the one that was asked for.
@frozen
public struct PolicyResolution: Equatable, Sendable {
  /// Why a device may not have its invalidations deferred, or go untranslated.
  @frozen
  public enum Restriction: Equatable, Sendable {
    /// The function cannot work with stale translations, as s390's ISM.
    ///
    /// Source: Linux, drivers/iommu/s390-iommu.c, `s390_iommu_capable`, deferred flush for `pft`
    /// ISM.
    case cannotDefer
    /// The device is not trusted, as an external port's.
    case untrusted
  }

  /// The policy to use.
  public let policy: InvalidationPolicy

  /// Why it differs from what was asked for; `nil` where it does not.
  public let restriction: Restriction?

  /// What a device without restrictions gets: what was asked for.
  package init(unrestricted asked: InvalidationPolicy) {
    policy = asked
    restriction = nil
  }

  /// Resolves `asked` for one device.
  ///
  /// A device that may not be left with stale translations gets the strict form of what was asked,
  /// an untrusted one never goes untranslated.
  public init<Control: TranslationControl>(asked: InvalidationPolicy, for control: Control) {
    let restriction: Restriction? =
      !control.isTrusted ? .untrusted : control.allowsDeferredInvalidation ? nil : .cannotDefer
    switch (restriction, asked) {
    case (nil, _), (_, .strict), (_, .legacyStrict), (.cannotDefer?, .identity):
      policy = asked
      self.restriction = nil
    case (_, .legacy):
      policy = .legacyStrict
      self.restriction = restriction
    case (_, .identity), (_, .queue), (_, .singleQueue), (_, .rollover):
      policy = .strict
      self.restriction = restriction
    }
  }
}
