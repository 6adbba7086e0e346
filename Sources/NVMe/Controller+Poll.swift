public import IOMMU

extension NVMeController {
  /// Takes what is complete on `queue`: unmaps it, reports it, and tells the controller once.
  ///
  /// The buffer of a reported command is the caller's again. `report` may submit to the queue.
  /// At most `limit` completions are taken, so that an interrupt handler can let others in.
  /// Returns the number of commands reported as completed. Throws:
  /// - `badCompletion`: the controller completed a command that was not in flight, the last such
  ///   identifier given; it is counted, and everything else was handled.
  /// - `functionGone`: everything left on the queue was unmapped and reported as well.
  /// - `functionInError` or `refused`: what was complete was handled, but the controller not told.
  /// - `wrongState`: it was never started, or it is stopped.
  ///
  /// Complexity: at most as many entries as the queue has. Allocates: never.
  @inlinable
  @discardableResult
  public func poll(
    queue: Int, limit: Int = .max, report: (NVMeCompletion) -> Void
  ) throws(NVMeError) -> Int {
    try checkQueue(queue)
    switch state {
    case .running, .inError: break
    case .gone:
      settle(.functionGone, queue: queue, report: report)
      throw .functionGone
    case .stopped, .unresponsive: throw .wrongState(state)
    }

    var completed = 0
    var bad: UInt16?
    // A controller that makes up entries cannot keep the processor here for ever.
    var left = min(queues[queue].entries, max(limit, 1))
    reaping: while left > 0 {
      left &-= 1
      locks[queue].lock()
      let reaped = queues[queue].reapNext(in: memory)
      locks[queue].unlock()
      switch consume reaped {
      case .nothing: break reaping
      case .bad(let identifier): bad = identifier
      case .command(let command, _):
        completed &+= 1
        finish(command, queue: queue, report: report)
      }
    }

    let failure: NVMeError?
    do throws(NVMeError) {
      try tellHead(queue: queue)
      failure = nil
    } catch {
      failure = error
    }
    if let failure {
      settle(failure, queue: queue, report: report)
      throw failure
    }
    if let bad { throw .badCompletion(queue: queue, identifier: bad) }
    return completed
  }

  /// Whether ``poll(queue:limit:report:)`` would find `count` completions or more, or has another
  /// thing to tell, such as that the function is gone.
  ///
  /// Looks at one entry, as the controller writes them in order, and takes nothing. Throws:
  /// `noQueue`.
  /// - Precondition: `count` is 1 or more, and fits the queue.
  @inlinable
  public func hasCompleted(_ count: Int, queue: Int) throws(NVMeError) -> Bool {
    try checkQueue(queue)
    if state != .running { return true }
    locks[queue].lock()
    defer { locks[queue].unlock() }
    return queues[queue].hasCompleted(count, in: memory)
  }

  /// Tells the controller how far the completion queue was read, where that is news.
  @inlinable
  func tellHead(queue: Int) throws(NVMeError) {
    locks[queue].lock()
    defer { locks[queue].unlock() }
    let head = queues[queue].head
    if head == queues[queue].rungHead { return }
    do {
      try function.write32(
        UInt32(truncatingIfNeeded: head), bar: 0,
        offset: NVMeRegister.completionHead(
          queue: queues[queue].identifier, stride: capabilities.doorbellStride),
        on: queues[queue].cpu)
    } catch {
      throw noted(error)
    }
    queues[queue].rungHead = head
    queues[queue].counters.headDoorbells &+= 1
  }

  /// Handles message interrupt `vector`: polls the queues that it tells of.
  ///
  /// An interrupt for no queue, such as the admin queue's, is answered with 0. Returns the number
  /// of commands reported as completed. Throws: the first error of any of the queues, after all
  /// were polled. Allocates: never.
  @inlinable
  @discardableResult
  public func handleInterrupt(
    vector: Int, report: (NVMeCompletion) -> Void
  ) throws(NVMeError) -> Int {
    if state == .stopped { return 0 }
    var completed = 0
    var failure: NVMeError?
    for queue in 0..<information.queueCount where queues[queue].vector == vector {
      do throws(NVMeError) {
        completed &+= try poll(queue: queue, report: report)
      } catch {
        if failure == nil { failure = error }
      }
    }
    if let failure { throw failure }
    return completed
  }
}
