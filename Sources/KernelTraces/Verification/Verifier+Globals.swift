import IOMMU

extension Verifier {
  /// Finds out why everything was refreshed, and compares the moment.
  mutating func refreshAll(_ step: KernelStep, _ number: Int) {
    if setting.policy == .legacy {
      // The allocation that wrapped around is the next step.
      recordedWrap = number
      return
    }
    if let time = fullFlushAt {
      fullFlushAt = nil
      report.global.queueFull += 1
      report.global.worstOffset = max(report.global.worstOffset, step.time &- time)
    } else if let set = replica.timerSetAt {
      // A timer that may have been set before the trace began tells only when the clock ticks.
      let isComparable = setting.knowsStart || report.global.timer > 0
      if isComparable {
        wheels.compare(setAt: set, wentOffAt: step.time)
      } else {
        wheels.learn(step.time)
      }
      replica.setTick(wheels.tick, phase: step.time)
      replica.fireTimer(on: step.cpu)
      let issued = replica.takeGlobals().count
      report.global.modelled += issued
      report.global.timer += issued
    } else {
      note(step, "everything was refreshed where the model saw no need")
      replica.refreshAll(on: step.cpu)
      _ = replica.takeGlobals()
    }
  }

  /// Lets a queue's timer go off whose refresh the trace does not show.
  mutating func fireMissedTimer(before step: KernelStep) {
    guard report.global.recorded > 0, let set = replica.timerSetAt else { return }
    let deadline = wheels.deadline(setAt: set)
    if step.time <= deadline &+ 100_000_000 { return }
    if step.kind == .refreshAll { return }
    replica.advance(to: deadline)
    replica.fireTimer(on: step.cpu)
    let issued = replica.takeGlobals().count
    report.global.modelled += issued
    report.lost.globals += issued
  }
}
