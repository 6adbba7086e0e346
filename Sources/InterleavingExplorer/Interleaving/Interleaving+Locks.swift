import IOMMU

extension Interleaving {
  /// The task has reached its taking or giving back of a lock: may it.
  mutating func checkOwner(_ task: Int) {
    let step = tasks[task].pending
    let lock = Int(step.object)
    let owner = objects[lock].run == run ? objects[lock].owner : -1
    if step.kind == .lock, owner == task {
      violate(
        "recursive-lock",
        "\(taskNames[task]) takes \(objectText(lock)) at \(step.place.text), and holds it since "
          + objects[lock].ownerPlace.text)
    } else if step.kind == .unlock, owner != task {
      let holder = owner < 0 ? "nobody holds" : "\(taskNames[owner]) holds"
      violate(
        "unlock-not-held",
        "\(taskNames[task]) gives back \(objectText(lock)) at \(step.place.text), which \(holder)")
    }
  }

  /// The lock is free, and the task's from here on.
  mutating func take(_ lock: Int32, _ task: Int, _ place: StepPlace) {
    objects[Int(lock)].owner = task
    objects[Int(lock)].ownerPlace = place
    for held in tasks[task].held {
      let edge = LockOrder.Edge(
        task: task, heldPlace: objects[Int(held)].ownerPlace, takenPlace: place)
      locks.add(from: held, to: lock, edge, step: made.count)
    }
    tasks[task].held.append(lock)
  }

  /// The lock is the task's from here on if it is free.
  ///
  /// Who does not wait for a lock says nothing of the order in which locks are taken.
  mutating func takeIfFree(_ lock: Int32, _ task: Int, _ place: StepPlace) {
    if objects[Int(lock)].owner >= 0 { return }
    objects[Int(lock)].owner = task
    objects[Int(lock)].ownerPlace = place
    tasks[task].held.append(lock)
  }

  /// The lock is free from here on.
  mutating func giveBack(_ lock: Int32, _ task: Int) {
    objects[Int(lock)].owner = -1
    if let index = tasks[task].held.lastIndex(of: lock) { tasks[task].held.remove(at: index) }
  }

  /// What each task that has not ended waits for, and who has it.
  func deadlockText() -> String {
    var parts: [String] = []
    for task in tasks.indices where live & (1 << UInt8(task)) != 0 {
      let step = tasks[task].pending
      let object = Int(step.object)
      var text = "\(taskNames[task]) waits at \(stepText(step))"
      if step.kind == .lock, object != 0 {
        let owner = objects[object].owner
        if owner >= 0 {
          let place = objects[object].ownerPlace.text
          text += ", held by \(taskNames[owner]) since \(place)"
        }
      } else if step.kind == .wait {
        text += " for a change that nobody is left to make"
      }
      parts.append(text)
    }
    return parts.joined(separator: "; ")
  }

  /// Such as `lock attach(_:on:)  DeviceGroup.swift:75`.
  func stepText(_ step: PendingStep) -> String {
    if step.place.isLabel { return step.place.text }
    let verb = step.place.verb.description
    let kind =
      switch verb.isEmpty ? step.kind : nil {
      case .lock: "lock"
      case .tryLock: "try to lock"
      case .unlock: "unlock"
      case .load: "load"
      case .store: "store"
      case .wait: "wait"
      case .instruction: "instruction"
      case nil: verb
      }
    guard let name = objectNames[names.names[Int(step.object)]] else {
      return "\(kind) \(step.place.text)"
    }
    return "\(kind) \(name)  \(step.place.text)"
  }

  /// A lock, for texts.
  func objectText(_ object: Int) -> String {
    guard let name = objectNames[names.names[object]] else { return "a lock" }
    return "lock \(name)"
  }
}
