import IOMMU

extension Verifier {
  /// Compares where the kernel allocated with where the replica does.
  mutating func allocate(_ step: KernelStep, _ number: Int) {
    compareRefresh(of: step, isExpected: refreshesAtMap)
    report.counters.mapped &+= step.pages
    if refreshesAtMap { report.counters.mapRefreshes += 1 }
    take(step.run)

    let isFirst = isFirstAllocation
    isFirstAllocation = false
    let canPredict =
      replica.canPredict(step.pages, on: step.cpu) && !(isFirst && !setting.knowsStart)
    var predicted = replica.allocate(step.pages, on: step.cpu)
    compareWraps(step)
    if canPredict, let run = predicted, run != step.run {
      if precedeInterrupts(run, step, number) {
        predicted = step.run
      } else {
        while predicted != step.run, reorder(&predicted, before: step, number) {}
      }
    }
    if predicted == step.run {
      if canPredict { report.iova.compared += 1 } else { report.iova.unpredictable += 1 }
      return own(step.run, number)
    }
    if let predicted { replica.undo(predicted, on: step.cpu) }
    let corrections = replica.reclaimCorrections
    let state = replica.claim(step.run, on: step.cpu)
    let isReclaim = replica.reclaimCorrections > corrections || dependsOnReclaim(state)
    if canPredict && (setting.knowsStart || state != .free) {
      report.iova.compared += 1
      if wasFreedInOtherOrder(step.run, predicted, state) {
        report.iova.reordered += 1
      } else {
        if isReclaim { report.iova.reclaim += 1 }
        diverge(step, predicted, state)
      }
    } else {
      // It was handed out and given back before the trace began, to a cache that may have it still.
      report.iova.unpredictable += 1
      if step.isInferred && !isFirst { report.lost.unexplained += 1 }
    }
    // What the replica could not be made to hand out is not its to take back either.
    if state != .live && state != .outside { own(step.run, number) }
  }

  /// Another processor's allocation may have come first though the trace tells it later.
  ///
  /// If one is recorded just where the replica would have put it now, it is done now, and
  /// `predicted` is where `step` goes after it; `false` where there is none. What is in one
  /// processor's caches no other takes.
  private mutating func reorder(
    _ predicted: inout PageRun?, before step: KernelStep, _ number: Int
  ) -> Bool {
    if replica.isFromCache { return false }
    var attempts = 0
    let window = steps[(number + 1)...].prefix(64)
    for (offset, other) in zip(window.indices, window)
    where other.kind == .allocate && other.pages > 0 && other.earliest <= number
      && other.cpu != step.cpu && !done.contains(offset)
    {
      if attempts == 4 { return false }
      attempts += 1
      if let predicted { replica.undo(predicted, on: step.cpu) }
      let tried = replica.allocate(other.pages, on: other.cpu)
      if tried == other.run {
        finishEarly(other, offset)
        predicted = replica.allocate(step.pages, on: step.cpu)
        compareWraps(step)
        return true
      }
      if let tried { replica.undo(tried, on: other.cpu) }
      predicted = replica.allocate(step.pages, on: step.cpu)
    }
    return false
  }

  /// Does a step before its turn; the replica has allocated for it.
  private mutating func finishEarly(_ step: KernelStep, _ number: Int) {
    report.iova.reordered += 1
    report.iova.compared += 1
    compareRefresh(of: step, isExpected: refreshesAtMap)
    report.counters.mapped &+= step.pages
    if refreshesAtMap { report.counters.mapRefreshes += 1 }
    take(step.run)
    own(step.run, number)
    done.insert(number)
  }

  /// The processor may have been interrupted after it had allocated and before the trace says so.
  ///
  /// What the interrupt freed is then on top of the caches too early. The run that lies right under
  /// it is taken, and the others are put back in their order.
  private mutating func precedeInterrupts(
    _ predicted: PageRun, _ step: KernelStep, _ number: Int
  ) -> Bool {
    var taken = [predicted]
    var earlier = number - 1
    while taken.count <= 8, earlier >= 0, let top = taken.last, top != step.run {
      let other = steps[earlier]
      earlier -= 1
      if other.cpu != step.cpu || other.pages == 0 { continue }
      if other.kind != .free || other.task != step.task { break }
      if other.run != top { continue }
      guard let next = replica.allocate(step.pages, on: step.cpu) else { break }
      taken.append(next)
    }
    let isFound = taken.last == step.run
    if isFound { report.iova.reordered += 1 }
    if isFound || taken.count > 1 {
      // All but the one that is kept; without success, the first is the caller's to undo.
      for run in isFound ? taken.dropLast().reversed() : taken.dropFirst().reversed() {
        replica.free(run, on: step.cpu)
      }
    }
    return isFound
  }

  /// Whether the kernel's choice lay right under the predicted one in a cache, and two processors
  /// had unmapped the two at about the same time: the trace need not have them in the order in
  /// which they got into the queue or the cache.
  private func wasFreedInOtherOrder(
    _ run: PageRun, _ predicted: PageRun?, _ state: ClaimedState
  ) -> Bool {
    guard case .cached(.loaded(under: 1...3)) = state, let predicted,
      let one = freed[run.first], let other = freed[predicted.first], one.cpu != other.cpu
    else { return false }
    return max(one.time, other.time) - min(one.time, other.time) < 1_000_000
  }

  /// Whether the difference lies in where a search of the tree started: above the run that was
  /// given back last, which is one of the last magazine that the depots' worker emptied.
  private func dependsOnReclaim(_ state: ClaimedState) -> Bool {
    state == .free && !replica.isFromCache && replica.reclaims > 0
  }

  /// Counts a difference and says what the replica had thought of the kernel's choice.
  private mutating func diverge(
    _ step: KernelStep, _ predicted: PageRun?, _ state: ClaimedState
  ) {
    report.iova.divergences += 1
    // A mapping of which only an invalidation tells is believed where the allocator agrees.
    if step.isInferred { report.lost.unexplained += 1 }
    let guess = predicted.map { Self.text($0) } ?? "none"
    note(step, "allocated \(Self.text(step.run)), predicted \(guess); it was \(state.description)")
  }

  /// Compares the refreshes of everything that an allocation made with those recorded before it.
  private mutating func compareWraps(_ step: KernelStep) {
    let issued = replica.takeGlobals()
    if issued.isEmpty && recordedWrap == nil { return }
    report.global.modelled += issued.count
    if recordedWrap != nil && !issued.isEmpty {
      report.global.exhaustion += 1
      report.lost.globals += issued.count - 1
    } else if recordedWrap != nil {
      note(step, "everything was refreshed where the model saw no need")
      replica.refreshAll(on: step.cpu)
      _ = replica.takeGlobals()
    } else {
      report.lost.globals += issued.count
    }
    recordedWrap = nil
  }

  /// Forgets runs that the new one takes the place of.
  private mutating func take(_ run: PageRun) {
    while owned.takeFirstOverlap(run.first, run.last) != nil {}
  }

  private mutating func own(_ run: PageRun, _ number: Int) {
    owned.insert(LiveRanges.Entry(first: run.first, last: run.last, mapping: UInt64(number)))
  }
}
