import IOMMU

extension Interleaving {
  /// The tasks that can go on, one bit each.
  @inline(__always)
  func runnableTasks() -> UInt8 {
    var runnable: UInt8 = 0
    for task in 0..<tasks.count where live & (1 << UInt8(task)) != 0 && isRunnable(task) {
      runnable |= 1 << UInt8(task)
    }
    return runnable
  }

  @inline(__always)
  private func isRunnable(_ task: Int) -> Bool {
    let pending = tasks[task].pending
    let object = Int(pending.object)
    switch pending.kind {
    case .lock:
      return object == 0 || objects[object].run != run || objects[object].owner < 0
    case .wait:
      // It has seen what was written before its own last step on the object.
      if object == 0 { return lastWrite > tasks[task].lastStep }
      let isStale = objects[object].run != run
      let written = max(isStale ? 0 : objects[object].lastWrite, lastEverythingWrite)
      let seen = max(isStale ? 0 : objects[object].seen[task], tasks[task].lastEverything)
      return written > seen
    default:
      return true
    }
  }

  /// Makes the task's step: from here on its code runs up to its next yield point.
  mutating func make(_ task: Int, among runnable: UInt8) {
    let step = tasks[task].pending
    let object = Int(step.object)
    let hash = stepHash(task)
    made.append(MadeStep(step: step, task: UInt8(task), runnable: runnable))
    let time = Int32(made.count)
    if step.writes { lastWrite = time }
    if step.touchesEverything {
      everythingHash = hash
      everythingSteps += 1
      if step.writes { lastEverythingWrite = time }
      tasks[task].lastEverything = time
    }
    if object != 0 { touch(object, by: task, step, hash, time) }
    trace = trace &+ hash
    tasks[task].lastHash = hash
    tasks[task].lastStep = time
    tasks[task].steps += 1
    current = task
    learn(task, step)
  }

  @inline(__always)
  private mutating func touch(
    _ object: Int, by task: Int, _ step: PendingStep, _ hash: TraceHash, _ time: Int32
  ) {
    objects[object].begin(run: run)
    if objects[object].everythingSteps != everythingSteps {
      objects[object].everythingSteps = everythingSteps
      objects[object].writeHash = everythingHash
    }
    if step.writes {
      objects[object].writeHash = hash
      objects[object].lastWrite = time
    }
    objects[object].seen[task] = time
    switch step.kind {
    case .lock: take(step.object, task, step.place)
    case .tryLock: takeIfFree(step.object, task, step.place)
    case .unlock: giveBack(step.object, task)
    default: break
    }
  }

  /// The hash of the step that the task will make if it is chosen now.
  ///
  /// It says which step it is, and by their hashes the task's step before it and the last step that
  /// changed the object. Whether a write comes before a read is told by the read's hash.
  @inline(__always)
  func stepHash(_ task: Int) -> TraceHash {
    let step = tasks[task].pending
    var hash = tasks[task].lastHash
    hash = hash.absorbing(
      UInt64(task) << 56 | UInt64(step.kind.rawValue) << 48 | tasks[task].steps)
    if step.touchesEverything { return hash.absorbing(trace).finished }
    let object = Int(step.object)
    hash = hash.absorbing(names.names[object])
    var write = everythingHash
    if objects[object].run == run, objects[object].everythingSteps == everythingSteps {
      write = objects[object].writeHash
    }
    return hash.absorbing(write).finished
  }

  /// Learns which tasks touch the object, and whether it is shared by that.
  @inline(__always)
  private mutating func learn(_ task: Int, _ step: PendingStep) {
    let bit: UInt8 = 1 << UInt8(task)
    let object = Int(step.object)
    if step.touchesEverything, everythingTasks & bit == 0 {
      everythingTasks |= bit
      for index in objects.indices { learnSharing(index) }
    }
    let isWriter = step.writes || step.touchesEverything
    if objects[object].touchers & bit == 0 || isWriter && objects[object].writers & bit == 0 {
      objects[object].touchers |= bit
      if isWriter { objects[object].writers |= bit }
      learnSharing(object)
    }
    // Whoever touches anything touches a part of everything.
    if objects[0].touchers & bit == 0 {
      objects[0].touchers |= bit
      learnSharing(0)
    }
  }

  private mutating func learnSharing(_ object: Int) {
    let touchers = objects[object].touchers | everythingTasks
    let writers = objects[object].writers | everythingTasks
    if objects[object].isShared || objects[object].touchers == 0 { return }
    if touchers.nonzeroBitCount >= 2, writers != 0 {
      objects[object].isShared = true
      newlyShared.append(Int32(object))
    }
  }
}
