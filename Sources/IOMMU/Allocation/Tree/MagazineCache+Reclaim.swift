#if !hasFeature(Embedded)

/// A magazine that a depot gave back to the tree, so that it can be put together again.
package struct ReclaimedMagazine: Sendable {
  /// The size class: the binary logarithm of the pages in a run.
  package var sizeClass: Int
  /// The first pages of the runs, the bottom one first.
  package var pages: [UInt64]
}

extension MagazineCache {
  /// The magazines that ``reclaim(now:into:)`` would give back.
  ///
  /// Complexity: linear in the answer.
  borrowing func reclaimable(now: Instant) -> [ReclaimedMagazine] {
    var answer: [ReclaimedMagazine] = []
    for sizeClass in 0..<Self.sizeCount {
      guard let due = depots[sizeClass].reclaimAt, due <= now, depots[sizeClass].count > cpus else {
        continue
      }
      answer.append(
        ReclaimedMagazine(sizeClass: sizeClass, pages: contents(depots[sizeClass].top)))
    }
    return answer
  }

  private borrowing func contents(_ magazine: MagazineStore.Number) -> [UInt64] {
    (0..<store.magazines[Int(magazine)].count).map { store.magazines[Int(magazine)][$0] }
  }

  /// Loads a magazine with `pages` for `cpu`; `false` where there is none to spare.
  borrowing func load(_ pages: [UInt64], _ sizeClass: Int, for cpu: CPUIndex) -> Bool {
    let fresh = store.takeSpare()
    if fresh == MagazineStore.none { return false }
    for page in pages.prefix(Magazine.size) { _ = store.magazines[Int(fresh)].push(page) }
    load(fresh, sizeClass, slots.slot(of: cpu))
    return true
  }

  /// Gives the top magazine of a depot back whatever the time, and waits as long again.
  borrowing func reclaimNow(_ sizeClass: Int, now: Instant, into tree: borrowing IOVATree) {
    let magazine = popDepot(sizeClass)
    if magazine == MagazineStore.none { return }
    empty(magazine, into: tree)
    store.putSpare(magazine)
    depots[sizeClass].reclaimAt = now.advanced(by: Self.reclaimDelay)
  }

  /// When the depot of a class gives a magazine back, while that is to come.
  borrowing func reclaimTime(_ sizeClass: Int) -> Instant? { depots[sizeClass].reclaimAt }

  /// Changes when the depot of a class gives a magazine back.
  borrowing func setReclaimTime(_ sizeClass: Int, _ time: Instant) {
    depots[sizeClass].reclaimAt = time
  }
}

extension TreeAllocator {
  /// The magazines that ``upkeep(now:)`` would give back to the tree.
  package borrowing func reclaimable(now: Instant) -> [ReclaimedMagazine] {
    cache.reclaimable(now: now)
  }

  /// Puts a magazine together again that was given back, less the run that was handed out since,
  /// and loads it for `cpu`; `false`, and no change, where its pages are not free any more.
  ///
  /// Complexity: O(n log n) in the magazine's runs. Context: any processor.
  package borrowing func restore(
    _ magazine: ReclaimedMagazine, without page: UInt64, on cpu: CPUIndex
  ) -> Bool {
    let size: UInt64 = 1 << UInt64(magazine.sizeClass)
    let others = magazine.pages.filter { $0 != page }
    for other in others where tree.firstRun(in: other, other &+ size &- 1) != nil { return false }
    for other in others where !tree.insertQuietly(other, size) { return false }
    return cache.load(others, magazine.sizeClass, for: cpu)
  }

  /// When the depot for runs of `pages` gives a magazine back, while that is to come.
  package borrowing func reclaimTime(pages: UInt64) -> Instant? {
    MagazineCache.sizeClass(of: pages).flatMap { cache.reclaimTime($0) }
  }

  /// Changes when the depot for runs of `pages` gives a magazine back.
  package borrowing func setReclaimTime(pages: UInt64, _ time: Instant) {
    if let sizeClass = MagazineCache.sizeClass(of: pages) {
      cache.setReclaimTime(sizeClass, time)
    }
  }

  /// Gives the top magazine of the depot for runs of `pages` back, whatever the time.
  package borrowing func reclaimNow(pages: UInt64, now: Instant) {
    if let sizeClass = MagazineCache.sizeClass(of: pages) {
      cache.reclaimNow(sizeClass, now: now, into: tree)
    }
  }
}

#endif
