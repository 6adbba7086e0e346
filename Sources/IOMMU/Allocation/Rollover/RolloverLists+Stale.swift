/// The lists of chunks that wait for an invalidation, and of those that one has covered.
extension RolloverLists {
  /// How far an insertion looks for its place in the order of time.
  private static var insertionStepsMax: Int { 16 }

  /// The generation that a count for `list` has to carry.
  func generation(of list: Int) -> UInt32 {
    fields.value.generations[list]
  }

  /// Whether some finished chunk may sit in a list that is not finished.
  ///
  /// That takes more than four invalidations that began and of which none has ended.
  var isMixed: Bool {
    fields.value.mixed[0] || fields.value.mixed[1] || fields.value.mixed[2] || fields.value.mixed[3]
  }

  /// Whether any chunk waits for an invalidation.
  var hasStale: Bool {
    !(stale.isEmpty(0) && stale.isEmpty(1) && stale.isEmpty(2) && stale.isEmpty(3))
  }

  /// The stale list for chunks of `stamp`, which is not below any stamp it was called with before.
  @inline(__always)
  func staleList(for stamp: UInt64) -> Int {
    let latest = fields.value.latest & 3
    if fields.value.stamps[latest] == stamp, !stale.isEmpty(latest) { return latest }
    fields.value.latest = otherStaleList(for: stamp)
    return fields.value.latest
  }

  @inline(never)
  private func otherStaleList(for stamp: UInt64) -> Int {
    var newest = 0
    var empty = -1
    for list in 0..<RolloverLists.staleListCount {
      if stale.isEmpty(list) {
        empty = list
        continue
      }
      if fields.value.stamps[list] == stamp { return list }
      if stale.isEmpty(newest) || fields.value.stamps[list] > fields.value.stamps[newest] {
        newest = list
      }
    }
    let list = empty >= 0 ? empty : newest
    fields.value.mixed[list] = empty < 0
    fields.value.stamps[list] = stamp
    return list
  }

  /// Links a chunk into stale list `list`, which stays in the order of time; returns the time kept.
  ///
  /// Complexity: 32 steps at most. Chunks come nearly in order: a new one belongs at the end, one
  /// that changes its stamp near the start. Where neither end has the place, the chunk goes to the
  /// start and takes that one's time: it then counts as older than it is, never as younger.
  @inline(__always)
  func insert(_ chunk: Int, intoStale list: Int, time: UInt64) -> UInt64 {
    stale.setTime(time, of: chunk)
    if let last = stale.last(list), stale.time(last) > time {
      return insert(chunk, intoStale: list, before: last, time: time)
    }
    stale.append(chunk, to: list)
    return time
  }

  /// Links a chunk that belongs before the last one of the list.
  @inline(never)
  private func insert(
    _ chunk: Int, intoStale list: Int, before last: Int, time: UInt64
  ) -> UInt64 {
    var behind = last
    var steps = 0
    while stale.time(behind) > time, steps < RolloverLists.insertionStepsMax {
      guard let previous = stale.previous(behind) else {
        stale.prepend(chunk, to: list)
        return time
      }
      behind = previous
      steps += 1
    }
    if stale.time(behind) <= time {
      stale.insert(chunk, behind: behind)
      return time
    }
    return insertNearStart(chunk, list: list, head: stale.first(list) ?? behind, time: time)
  }

  private func insertNearStart(_ chunk: Int, list: Int, head: Int, time: UInt64) -> UInt64 {
    if stale.time(head) >= time {
      stale.prepend(chunk, to: list)
      return time
    }
    var behind = head
    for _ in 0..<RolloverLists.insertionStepsMax {
      guard let next = stale.next(behind) else { break }
      if stale.time(next) > time {
        stale.insert(chunk, behind: behind)
        return time
      }
      behind = next
    }
    let earliest = stale.time(head)
    stale.setTime(earliest, of: chunk)
    stale.prepend(chunk, to: list)
    return earliest
  }

  /// Moves the stale lists whose invalidation has finished to the finished list; tells which.
  ///
  /// Complexity: constant: lists are moved whole.
  func finish(before finished: UInt64) -> [4 of Bool] {
    var moved: [4 of Bool] = [false, false, false, false]
    for list in 0..<RolloverLists.staleListCount where !stale.isEmpty(list) {
      if fields.value.stamps[list] >= finished { continue }
      stale.splice(list, to: RolloverLists.finished)
      fields.value.generations[list] &+= 1
      fields.value.mixed[list] = false
      moved[list] = true
    }
    return moved
  }
}
