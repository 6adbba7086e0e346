public import IOMMU

/// What checkers may ask of a machine, without changing anything or taking any time.
extension Machine: TranslationProbe {
  /// The time of the processor whose task runs.
  public var probeTime: Instant { currentTime }

  /// What an access of function number `function` to `iova` would reach now.
  ///
  /// Where the hardware walks the table itself, a miss is answered by a walk that leaves no trace.
  public func reachable(_ iova: IOVA, function: Int) -> ProbedTranslation? {
    let model = functions[function]
    guard model.condition == .enabled, let registration = model.registration,
      registration.range.contains(iova)
    else { return nil }
    guard let walk = registration.walk else {
      return ProbedTranslation(
        physical: PhysicalAddress(iova.rawValue &- description.apertureFirst), allowsWrite: true)
    }
    if let found = cached(iova, function: function) { return found }
    if description.translation == .shadowed { return nil }
    guard case .translation(let translation) = walk.page(of: iova.rawValue) else { return nil }
    return probed(translation, iova)
  }

  /// The translation that the shadow or the IOTLB holds for the page of `iova`.
  public func cached(_ iova: IOVA, function: Int) -> ProbedTranslation? {
    guard aperture.contains(iova) else { return nil }
    let model = functions[function]
    let index = Int((iova.rawValue - description.apertureFirst) >> 12)
    let translation =
      description.translation == .shadowed
      ? model.shadow.value.translation(at: index) : model.cache.value.translation(at: index)
    return translation.isValid ? probed(translation, iova) : nil
  }

  /// Whether a walk through the table finds a translation.
  public func translates(_ iova: IOVA, by designation: UInt64) -> Bool {
    if TableWalk.designationFault(designation) != nil { return false }
    let walk = TableWalk(designation: designation, memory: memory)
    if case .translation = walk.page(of: iova.rawValue) { return true }
    return false
  }

  private func probed(_ translation: CachedTranslation, _ iova: IOVA) -> ProbedTranslation {
    ProbedTranslation(
      physical: PhysicalAddress(translation.physical | iova.rawValue & 0xfff),
      allowsWrite: translation.isWritable)
  }
}
