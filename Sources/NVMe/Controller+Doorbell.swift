public import IOMMU

extension NVMeController {
  /// Announces the mappings made for `queue` and tells the controller of all commands submitted.
  ///
  /// One ``DMADomain/synchronize(on:)`` and one register write, however many commands there are.
  /// Returns the number of commands that the controller was told of. Throws:
  /// - `map`: the mappings could not be announced; those commands are unmapped and reported as
  ///   `withdrawn`, the controller never saw them, and the queue goes on.
  /// - `functionGone`: all commands of the queue are unmapped and reported as `functionGone`.
  /// - `functionInError`: all commands stay as they are, for a reset to settle.
  /// - `refused`: the commands are not told; a later call tries again.
  ///
  /// Allocates: never.
  @inlinable
  @discardableResult
  public func ringDoorbell(
    queue: Int, report: (NVMeCompletion) -> Void
  ) throws(NVMeError) -> Int {
    try checkQueue(queue)
    let failure: NVMeError
    do throws(NVMeError) {
      return try tellTail(queue: queue)
    } catch {
      failure = error
    }
    settle(failure, queue: queue, report: report)
    throw failure
  }

  /// The doorbell itself, under the queue's lock.
  @inlinable
  func tellTail(queue: Int) throws(NVMeError) -> Int {
    locks[queue].lock()
    defer { locks[queue].unlock() }
    let current = state
    if current != .running { throw current == .gone ? .functionGone : .wrongState(current) }
    let told = queues[queue].rungTail
    let tail = queues[queue].tail
    if told == tail { return 0 }
    let cpu = queues[queue].cpu
    do {
      try domain.synchronize(on: cpu)
    } catch {
      queues[queue].withdrawQueued()
      throw .map(error)
    }
    do {
      try function.write32(
        UInt32(truncatingIfNeeded: tail), bar: 0,
        offset: NVMeRegister.submissionTail(
          queue: queues[queue].identifier, stride: capabilities.doorbellStride), on: cpu)
    } catch {
      throw noted(error)
    }
    queues[queue].markRung()
    return tail >= told ? tail &- told : tail &+ queues[queue].entries &- told
  }

  /// Reports what a failure ended, outside the lock.
  @usableFromInline
  func settle(_ failure: NVMeError, queue: Int, report: (NVMeCompletion) -> Void) {
    switch failure {
    case .functionGone:
      drain(queue, outcome: .functionGone, report: report)
    case .map:
      while true {
        locks[queue].lock()
        let command = queues[queue].retireWithdrawn()
        locks[queue].unlock()
        guard let command else { return }
        finish(command, queue: queue, report: report)
      }
    default:
      break
    }
  }

  /// Unmaps and reports every command of `queue`; the controller must not be able to reach them.
  func drain(_ queue: Int, outcome: NVMeOutcome, report: (NVMeCompletion) -> Void) {
    while true {
      locks[queue].lock()
      let command = queues[queue].retireAny(outcome: outcome)
      locks[queue].unlock()
      guard let command else { return }
      finish(command, queue: queue, report: report)
    }
  }

  /// Unmaps and reports one command that has left its slot.
  @inlinable
  func finish(
    _ command: consuming RetiredCommand, queue: Int, report: (NVMeCompletion) -> Void
  ) {
    let completion = NVMeCompletion(queue: queue, tag: command.tag, outcome: command.outcome)
    command.takeMapping().unmap(from: domain, on: queues[queue].cpu)
    report(completion)
  }
}
