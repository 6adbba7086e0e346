public import IOMMU

extension NVMeController {
  /// Starts the controller: admin queue, identification, one pair of I/O queues a processor.
  ///
  /// `pause` is called between two looks at a register or queue; time has to go on in it, or by
  /// itself. Fewer queues than processors may result: ``NVMeInformation/queueCount``. Throws:
  /// `wrongState` unless it is stopped; otherwise why it did not start. Then nothing is left
  /// mapped, unless the controller would not stop or its function is in error state: it is
  /// `unresponsive` or `inError` then, and a reset or ``abandon(report:)`` has to follow.
  /// Allocates: the coherent buffers of all queues.
  @discardableResult
  public func initialise<Clock: MonotonicClock>(
    clock: Clock, pause: () -> Void
  ) throws(NVMeError) -> NVMeInformation {
    if state != .stopped { throw .wrongState(state) }
    do {
      try bringUp(clock: clock, pause: pause, keeping: 1)
    } catch {
      settle(clock: clock, pause: pause)
      if state == .stopped { releaseVectors() }
      if state == .stopped || state == .gone { freeAllBuffers() }
      throw error
    }
    return information
  }

  /// Takes a stopped controller to running, with at least `keeping` I/O queues.
  func bringUp<Clock: MonotonicClock>(
    clock: Clock, pause: () -> Void, keeping: Int
  ) throws(NVMeError) {
    try enableBusMaster()
    try readCapabilities()
    information.version = try read(NVMeRegister.version)
    // A loader may have left it running.
    try disable(clock: clock, pause: pause)
    try sizeQueues()
    try admin.allocateBuffers(from: domain, listPages: 0, on: admin.cpu)
    admin.forgetCommands()
    admin.rewind(in: memory)
    let entries = UInt32(admin.entries - 1)
    try write(entries | entries << 16, NVMeRegister.adminQueueAttributes)
    try writeWide(admin.submissionDevice.rawValue, NVMeRegister.adminSubmissionQueue)
    try writeWide(admin.completionDevice.rawValue, NVMeRegister.adminCompletionQueue)
    try write(NVMeConfiguration.running, NVMeRegister.configuration)
    try waitForStatus(
      .ready, mask: NVMeControllerStatus.ready, value: NVMeControllerStatus.ready,
      clock: clock, pause: pause)

    try identify(clock: clock, pause: pause)
    freeIdentifyBuffer()
    let offered = try negotiateQueues(clock: clock, pause: pause)
    if offered < keeping { throw .fewerQueues(offered: offered, needed: keeping) }
    try assignVectors(queues: offered)
    let listPages = PRPList.listPages(forTransfersUpTo: options.maximumTransferBytes)
    for queue in 0..<offered {
      try queues[queue].allocateBuffers(
        from: domain, listPages: listPages, on: queues[queue].cpu)
      queues[queue].rewind(in: memory)
      try createQueuePair(queue, clock: clock, pause: pause)
    }
    information.queueCount = offered
    enter(.running)
  }

  /// Fits the queues to CAP.MQES; after the first start they keep their size.
  private func sizeQueues() throws(NVMeError) {
    let most = capabilities.maximumEntries
    for queue in 0..<queues.count where queues[queue].entries > most {
      if queues[queue].submissionBuffer != nil {
        throw .fewerQueues(offered: most, needed: queues[queue].entries)
      }
      queues[queue].entries = most
    }
    if admin.entries > most { admin.entries = most }
    information.queueSlots = queues[0].slotLimit
  }

  /// Asks for a vector for the admin queue and one for each I/O queue, and makes do with fewer.
  private func assignVectors(queues count: Int) throws(NVMeError) {
    do {
      let granted = try function.enableInterrupts(count: count + 1, on: admin.cpu)
      information.vectorCount = max(0, min(granted, count + 1))
    } catch {
      throw noted(error)
    }
    let shared = information.vectorCount - 1
    for queue in 0..<count {
      queues[queue].vector = shared > 0 ? 1 + queue % shared : 0
    }
  }

  /// Gives the vectors back, so far as the function lets it.
  func releaseVectors() {
    if information.vectorCount == 0 { return }
    information.vectorCount = 0
    do {
      try function.disableInterrupts(on: admin.cpu)
    } catch {
      // A recovered function may have lost them already; that it is gone is noted.
      _ = noted(error)
    }
  }

  /// Stops a controller after a failure, so far as it can be, and notes what it is then.
  func settle<Clock: MonotonicClock>(clock: Clock, pause: () -> Void) {
    if state == .gone || state == .inError { return }
    do throws(NVMeError) {
      try disable(clock: clock, pause: pause)
      enter(.stopped)
    } catch {
      if state != .gone && state != .inError { enter(.unresponsive) }
    }
  }

  func freeIdentifyBuffer() {
    if let buffer = identifyBuffer.take() { domain.freeCoherent(buffer, on: admin.cpu) }
  }

  /// Gives back all memory that was shared with the controller, which reaches it no more.
  func freeAllBuffers() {
    information.queueCount = 0
    freeIdentifyBuffer()
    admin.forgetCommands()
    admin.freeBuffers(to: domain, on: admin.cpu)
    for queue in 0..<queues.count {
      queues[queue].freeBuffers(to: domain, on: queues[queue].cpu)
    }
  }
}

extension QueuePair {
  /// Frees all slots of a queue whose commands own no mappings and nobody waits for.
  mutating func forgetCommands() {
    while let command = retireAny(outcome: .aborted) { _ = command.takeMapping() }
  }
}
