import Synchronization

/// Devices joining and leaving.
extension PagingDomain {
  /// Enables translation, joins the list, then has the device take up what is mapped already.
  func join(_ control: Platform.Control, on cpu: CPUIndex) throws(AttachError) {
    guard control.aperture.contains(aperture) else {
      throw .aperture(domain: aperture, device: control.aperture)
    }
    if scheme.defersInvalidation && !(control.allowsDeferredInvalidation && control.isTrusted) {
      throw .mayNotDefer
    }
    if attachments.contains(control) { throw .alreadyAttached }
    guard attachments.count < AttachmentList<Platform.Control>.capacity else {
      throw .tooManyDevices(limit: AttachmentList<Platform.Control>.capacity)
    }
    do throws(ControlError) {
      try control.enableTranslation(
        root: table.root, rootLevel: Table.rootLevel, aperture: aperture, on: cpu)
    } catch {
      throw .control(error)
    }
    _ = attachments.insert(control)
    attached.add(1, ordering: .releasing)
    if control.requiresMapSideInvalidation { announcing.add(1, ordering: .releasing) }
    // What was invalidated between enabling and joining the list passed this device by, and what
    // is mapped already, or parked to be taken back, was never announced to it.
    guard liveMappings > 0 || hasParked else { return }
    do throws(ControlError) {
      counters.count(.attach, on: cpu)
      try control.invalidateAll(on: cpu)
    } catch {
      _ = leave(control, on: cpu)
      throw .control(error)
    }
  }

  /// Blocks first, then leaves the list: no invalidation may miss a device that still translates.
  func leave(_ control: Platform.Control, on cpu: CPUIndex) -> DetachOutcome {
    let outcome = control.block(on: cpu)
    guard attachments.contains(control) else { return outcome }
    if case .stuck = outcome {
      // It goes on being invalidated, so that nothing is reused while it can reach it.
      counters.count(.failures, on: cpu)
      return outcome
    }
    attachments.remove(control)
    attached.subtract(1, ordering: .releasing)
    if control.requiresMapSideInvalidation { announcing.subtract(1, ordering: .releasing) }
    return outcome
  }

  /// The number of devices in the domain.
  public var deviceCount: Int { attachments.count }
}
