/// Bringing devices back: from error state, or to the state that they were probed in.
extension DeviceGroup {
  /// Brings a device back from error state and up in the domain that the group is in.
  ///
  /// Without effect on one that translates and is in no error state. Otherwise the device is
  /// blocked first, so that nothing that it had cached outlives this, and a pending one comes up in
  /// the domain that it waits for.
  ///
  /// Throws: `ownership(.claimed)` where an owner has the group: recover it there; `wrongState`
  /// where the device is no member or gone, and nothing changed; `control`, `stuck` and whatever
  /// ``attach(_:on:)`` throws for one device. Then it reaches nothing and waits, pending, for
  /// another attempt; or it is gone, after `control(.functionGone)`, or stuck, after `stuck`, or
  /// blocked, where the group is in no domain. The others stay where they are. Complexity: a few
  /// instructions to the device, whatever is mapped. Context: takes the group's lock, and waits for
  /// invalidations that are using the device. Allocates: never.
  /// Invalidates: everything, for this device.
  public func recover(_ device: DMADevice<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      if standing.isClaimed { throw .ownership(.claimed(devices: members.count)) }
      try revive(device, .recovery, on: cpu)
    }
  }

  /// Puts a device into the state that it was probed in, and up in the domain that the group is in.
  ///
  /// Its driver has to set it up again, interruptions too. It may free a stuck device.
  ///
  /// Throws, complexity, context, allocates, invalidates: as ``recover(_:on:)``.
  public func reset(_ device: DMADevice<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      if standing.isClaimed { throw .ownership(.claimed(devices: members.count)) }
      try revive(device, .reset, on: cpu)
    }
  }

  enum Revival {
    case recovery
    case reset
  }

  /// The lock is held.
  func revive(
    _ device: DMADevice<Control>, _ revival: Revival, on cpu: CPUIndex
  ) throws(AttachError) {
    guard members.contains(where: { $0 === device }), device.state != .gone else {
      throw .wrongState(device.state)
    }
    let present = domain
    present?.beginReturn()
    defer { present?.endReturn() }
    do throws(ControlError) {
      if revival == .recovery, device.state == .attached,
        try !device.control.isInError(on: cpu)
      {
        return
      }
      try ready(device, revival, on: cpu)
    } catch {
      expel(device, on: cpu)
      if device.state == .stuck { throw .stuck(error) }
      postpone(device, after: error)
      throw .control(error)
    }
    guard let domain else { return }
    let failure: AttachError
    do throws(AttachError) {
      guard case .pending(let error) = try admit(device, to: domain, on: cpu) else { return }
      if error == .functionGone {
        expel(device, on: cpu)
        device.go(.vanish)
      }
      throw .control(error)
    } catch {
      failure = error
    }
    if device.state == .blocked { postpone(device, after: nil) }
    throw failure
  }

  /// Blocks the device and has the hardware recover or reset it.
  private func ready(
    _ device: DMADevice<Control>, _ revival: Revival, on cpu: CPUIndex
  ) throws(ControlError) {
    let outcome = expel(device, on: cpu)
    switch revival {
    case .recovery:
      if case .stuck(let error) = outcome { throw error }
      try device.control.recover(by: owner, on: cpu)
    case .reset:
      try device.control.reset(by: owner, on: cpu)
      guard case .stuck = outcome else { return }
      device.home?.forget(device.control, .stuck)
      device.go(.block)
    }
  }

  /// Has a blocked device wait in the group's domain, or notes that it is gone.
  private func postpone(_ device: DMADevice<Control>, after error: ControlError?) {
    if error == .functionGone {
      device.go(.vanish)
    } else if let domain {
      domain.await(device.control)
      device.go(.postpone, home: domain)
    }
  }
}
