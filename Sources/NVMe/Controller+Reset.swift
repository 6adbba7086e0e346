public import IOMMU

/// What becomes of the commands in flight when a controller is reset.
public enum NVMeResetDisposition: Equatable, Sendable {
  /// They are reported as `aborted`.
  case fail
  /// They wait in their slots, unmapped, until ``NVMeController/resubmit(queue:)``.
  case requeue
}

extension NVMeController {
  /// Stops the controller, settles what was in flight, and starts it again.
  ///
  /// Buffers are unmapped only when the controller has stopped, for until then it may write them.
  /// Where the function is in error state, `recover` is called first, to bring the function back
  /// with the translations it had; what the controller had fetched may then go on until it is
  /// stopped, and everything it can reach is still mapped. Where that ends in error state again,
  /// `recover` is called again, up to ``NVMeOptions/recoveryAttempts`` times. Throws:
  /// - `wrongState`: it is gone.
  /// - `functionGone`: everything in flight was unmapped and reported as `functionGone`.
  /// - `functionInError`, `refused`, or a `timeout` to stop: nothing was unmapped; state `inError`
  ///   or `unresponsive`; try again, or block the function and ``abandon(report:)``.
  /// - otherwise it stopped, and the commands are settled, but it did not start again: state
  ///   `stopped`, or as above; another reset may follow, and waiting commands go on waiting.
  ///
  /// Context: nobody uses the queues meanwhile. Allocates: coherent buffers that are missing.
  public func reset<Clock: MonotonicClock>(
    clock: Clock, disposition: NVMeResetDisposition,
    recover: () throws(PCIAccessError) -> Void = {}, pause: () -> Void,
    report: (NVMeCompletion) -> Void
  ) throws(NVMeError) {
    if state == .gone { throw .wrongState(.gone) }
    let keeping = max(1, information.queueCount)
    do throws(NVMeError) {
      try stop(clock: clock, recover: recover, pause: pause)
    } catch {
      if state == .gone { giveUp(outcome: .functionGone, report: report) }
      throw error
    }
    releaseVectors()
    for queue in 0..<queues.count {
      switch disposition {
      case .fail: drain(queue, outcome: .aborted, report: report)
      case .requeue: suspend(queue)
      }
    }
    do throws(NVMeError) {
      try bringUp(clock: clock, pause: pause, keeping: keeping)
    } catch {
      settle(clock: clock, pause: pause)
      if state == .gone { giveUp(outcome: .functionGone, report: report) }
      throw error
    }
  }

  /// Maps and queues the commands of `queue` again that a reset left waiting; returns how many.
  ///
  /// They keep their tags; the controller learns of them at the next doorbell. Throws: `map` for a
  /// command that could not be mapped: it and those after it go on waiting; `wrongState`.
  /// Complexity: quadratic in the queue's slots, once a reset. Allocates: never.
  @discardableResult
  public func resubmit(queue: Int) throws(NVMeError) -> Int {
    try checkQueue(queue)
    locks[queue].lock()
    defer { locks[queue].unlock() }
    if state != .running { throw .wrongState(state) }
    var count = 0
    while let slot = queues[queue].pendingSlot() {
      let prepared = try prepare(queues[queue].slots[slot].request, queue: queue, slot: slot)
      queues[queue].enqueue(prepared, slot: slot, in: memory)
      count += 1
    }
    return count
  }

  /// Shuts the controller down and gives back everything it could reach.
  ///
  /// Commands still in flight are reported as `aborted`. On a function that is gone this gives
  /// everything back as well, and does not throw. Throws: why it could not be stopped; nothing was
  /// unmapped then, state `inError` or `unresponsive`.
  public func shutDown<Clock: MonotonicClock>(
    clock: Clock, pause: () -> Void, report: (NVMeCompletion) -> Void
  ) throws(NVMeError) {
    do throws(NVMeError) {
      if state == .running { try notifyShutdown(clock: clock, pause: pause) }
      if state != .stopped && state != .gone {
        try stop(clock: clock, recover: {}, pause: pause)
      }
      if state == .stopped { releaseVectors() }
    } catch {
      if state != .gone {
        if state != .inError { enter(.unresponsive) }
        throw error
      }
    }
    giveUp(outcome: state == .gone ? .functionGone : .aborted, report: report)
  }

  /// Gives back everything the controller could reach, without a word to it.
  ///
  /// For a function that was blocked, detached or removed: the caller answers for it that the
  /// function reaches nothing now. Commands are reported as `aborted`; the state is `stopped`, or
  /// stays `gone`.
  public func abandon(report: (NVMeCompletion) -> Void) {
    let wasGone = state == .gone
    if !wasGone { enter(.stopped) }
    giveUp(outcome: wasGone ? .functionGone : .aborted, report: report)
  }

  /// Disables the controller; brings its function back first where that is in error state.
  private func stop<Clock: MonotonicClock>(
    clock: Clock, recover: () throws(PCIAccessError) -> Void, pause: () -> Void
  ) throws(NVMeError) {
    let wasInError = state == .inError
    // Nothing is submitted from here on.
    if state == .running { enter(.stopped) }
    do throws(NVMeError) {
      do throws(NVMeError) {
        if wasInError { throw .functionInError }
        try disable(clock: clock, pause: pause)
      } catch {
        guard error == .functionInError else { throw error }
        try disableRecovered(clock: clock, recover: recover, pause: pause)
      }
    } catch {
      if state != .gone { enter(error == .functionInError ? .inError : .unresponsive) }
      throw error
    }
    enter(.stopped)
  }

  /// Brings the function back from error state and disables the controller.
  ///
  /// Between the two the controller goes on with what it had fetched, and may use the address again
  /// that nobody mapped.
  private func disableRecovered<Clock: MonotonicClock>(
    clock: Clock, recover: () throws(PCIAccessError) -> Void, pause: () -> Void
  ) throws(NVMeError) {
    var attempts = max(options.recoveryAttempts, 1)
    while true {
      do throws(NVMeError) {
        do throws(PCIAccessError) {
          try recover()
        } catch {
          throw noted(error)
        }
        try enableBusMaster()
        return try disable(clock: clock, pause: pause)
      } catch {
        attempts -= 1
        if error != .functionInError || attempts == 0 { throw error }
      }
    }
  }

  /// Asks for a normal shutdown (NVM Express Base Specification 2.2, section 3.6.1).
  private func notifyShutdown<Clock: MonotonicClock>(
    clock: Clock, pause: () -> Void
  ) throws(NVMeError) {
    let configuration = try read(NVMeRegister.configuration)
    try write(
      configuration & ~NVMeConfiguration.shutdownMask | NVMeConfiguration.normalShutdown,
      NVMeRegister.configuration)
    do throws(NVMeError) {
      try waitForStatus(
        .shutdown, mask: NVMeControllerStatus.shutdownMask,
        value: NVMeControllerStatus.shutdownComplete, clock: clock, pause: pause)
    } catch {
      // One that is slow to put its house in order is stopped all the same.
      guard case .timeout = error else { throw error }
    }
  }

  /// Takes the mappings of `queue`'s commands back, and lets the commands wait.
  private func suspend(_ queue: Int) {
    while true {
      locks[queue].lock()
      let mapping = queues[queue].suspendNext()
      locks[queue].unlock()
      guard let mapping else { return }
      mapping.unmap(from: domain, on: queues[queue].cpu)
    }
  }

  /// Reports every command and gives all memory back; the controller reaches nothing any more.
  private func giveUp(outcome: NVMeOutcome, report: (NVMeCompletion) -> Void) {
    for queue in 0..<queues.count { drain(queue, outcome: outcome, report: report) }
    freeAllBuffers()
  }
}
