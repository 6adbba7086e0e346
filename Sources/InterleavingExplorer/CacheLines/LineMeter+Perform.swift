import IOMMU

/// What steps cost.
extension LineMeter {
  /// Does what a processor is about to; `false` where it has to wait for a lock instead.
  func perform(_ cpu: Int) -> Bool {
    let pending = processors[cpu].pending
    processors[cpu].pending = .nothing
    switch pending {
    case .nothing: return true
    case .touch(let line, let writing):
      touch(line, by: cpu, writing: writing)
      return true
    case .wait:
      processors[cpu].clock += prices.near
      return true
    case .lock(let object, let line): return take(object, line, by: cpu)
    case .tryLock(let object, let line):
      takeIfFree(object, line, by: cpu)
      return true
    case .passedLock(let object, let line, let failed, let last):
      touch(line, by: cpu, writing: true)
      lines.bounce(line, among: failed, last: last, after: processors[cpu].clock)
      touchGuarded(object, line, by: cpu)
      return true
    case .unlock(let object, let line):
      release(object, line, by: cpu)
      return true
    }
  }

  private func touch(_ line: Int, by cpu: Int, writing: Bool) {
    processors[cpu].clock = lines.touch(
      line, by: cpu, writing: writing, at: processors[cpu].clock,
      counts: window.isOpen)
  }

  /// Takes a lock, or has the processor wait for it; either way the lock's line comes over.
  private func take(_ object: UInt64, _ line: Int, by cpu: Int) -> Bool {
    touch(line, by: cpu, writing: true)
    if locks[object, default: Lock()].owner >= 0 {
      locks[object]?.waiting.append(cpu)
      processors[cpu].isReady = false
      return false
    }
    locks[object, default: Lock()].owner = cpu
    touchGuarded(object, line, by: cpu)
    return true
  }

  /// Takes a lock that nobody has; its line comes over in any case.
  private func takeIfFree(_ object: UInt64, _ line: Int, by cpu: Int) {
    touch(line, by: cpu, writing: true)
    if locks[object, default: Lock()].owner >= 0 { return }
    locks[object, default: Lock()].owner = cpu
    touchGuarded(object, line, by: cpu)
  }

  /// What a lock guards comes over line by line, where somebody else held it last.
  private func touchGuarded(_ object: UInt64, _ line: Int, by cpu: Int) {
    guard let last = locks[object]?.lastOwner, last >= 0, last != cpu else { return }
    let count = UInt64(names.guarded(object))
    if count == 0 { return }
    let time = count * prices.transfer(last, cpu)
    processors[cpu].clock += time
    if window.isOpen { lines.count(lines.name(line), count, time) }
  }

  /// How many try a lock in vain each time that it is passed on, where as many wait.
  private static var failedTries: Int { 2 }

  /// Gives a lock back, to the one who has waited longest if there is one.
  ///
  /// Some who wait see it free before it is taken again, and try: as many as get to read the line
  /// while the next one's exchange is on its way. Each takes the line away once more. The wait
  /// counts for the lock's line.
  private func release(_ object: UInt64, _ line: Int, by cpu: Int) {
    touch(line, by: cpu, writing: true)
    locks[object]?.lastOwner = cpu
    guard var lock = locks[object], !lock.waiting.isEmpty else {
      locks[object]?.owner = -1
      return
    }
    let next = lock.waiting.removeFirst()
    lock.owner = next
    locks[object] = lock
    let waited = max(processors[cpu].clock, processors[next].clock) - processors[next].clock
    if window.isOpen { lines.count(lines.name(line), 0, waited) }
    processors[next].clock += waited
    processors[next].isReady = true
    let failed = min(lock.waiting.count, Self.failedTries)
    processors[next].pending = .passedLock(
      object: object, line: line, failed: failed,
      last: failed == 0 ? next : lock.waiting[failed - 1])
  }
}
