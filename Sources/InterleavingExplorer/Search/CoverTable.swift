/// What was reached already: prefixes of runs, up to the order of steps without conflict.
///
/// For each prefix, by its hash, the fewest preemptions with which it was reached, and the tasks
/// that had made its last step then. Open addressing, at most 5/8 full, 24 bytes a slot.
struct CoverTable {
  private struct Slot {
    var hash = TraceHash.zero
    /// 0 in an empty slot, else the preemptions plus one.
    var level: UInt32 = 0
    var tasks: UInt8 = 0
  }

  private var slots: [Slot] = [Slot](repeating: Slot(), count: 1 << 10)
  private(set) var count = 0

  /// Whether all that can follow the prefix, its last step having been made by `task`, with
  /// `level` preemptions used, follows something that was marked.
  ///
  /// A prefix that was reached with fewer preemptions, after another task's step, covers it: there
  /// one more preemption leads to `task`.
  @inline(__always)
  func covers(_ hash: TraceHash, _ task: Int, _ level: Int) -> Bool {
    let slot = slots[find(hash)]
    if slot.level == 0 { return false }
    let known = Int(slot.level) - 1
    return known < level || known == level && slot.tasks & (1 << UInt8(task)) != 0
  }

  /// Marks the prefix as reached; with all tasks where it costs nothing to go on with another.
  mutating func mark(_ hash: TraceHash, tasks: UInt8, _ level: Int) {
    var index = find(hash)
    if slots[index].level == 0 {
      count += 1
      if count * 8 > slots.count * 5 {
        grow()
        index = find(hash)
      }
      slots[index] = Slot(hash: hash, level: UInt32(level) + 1, tasks: tasks)
    } else if slots[index].level > UInt32(level) + 1 {
      slots[index].level = UInt32(level) + 1
      slots[index].tasks = tasks
    } else if slots[index].level == UInt32(level) + 1 {
      slots[index].tasks |= tasks
    }
  }

  /// Where the hash is, or the empty slot where it belongs.
  @inline(__always)
  private func find(_ hash: TraceHash) -> Int {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash.first ^ hash.second &>> 32) & mask
    while slots[index].level != 0, slots[index].hash != hash { index = (index + 1) & mask }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.level != 0 { slots[find(slot.hash)] = slot }
  }
}
