/// What a device meets when it joins.
extension PagingDomain {
  /// Throws where the device cannot use all of the aperture, or may not be left with stale
  /// translations while the scheme leaves them.
  func checkAperture(_ control: Platform.Control) throws(AttachError) {
    guard control.aperture.contains(aperture) else {
      throw .aperture(domain: aperture, device: control.aperture)
    }
    if scheme.defersInvalidation && !(control.allowsDeferredInvalidation && control.isTrusted) {
      throw .mayNotDefer
    }
  }

  /// Enables translation, then has the device take up what is mapped already.
  func register(
    _ control: Platform.Control, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try control.enableTranslation(
      root: table.root, rootLevel: Table.rootLevel, aperture: aperture, by: owner, on: cpu)
    // What is mapped, or parked to be taken back, was never announced to it. Whoever maps at this
    // moment made a table before it looked for devices to announce to, so that either it finds this
    // one or the table is seen here; how many mappings are counted would tell nothing.
    YieldPoint.reached(.load, .memory)
    if Table.rootLevel > 0 && table.tablesAllocated <= 1 { return }
    counters.count(.attach, on: cpu)
    try control.invalidateAll(on: cpu)
  }
}
