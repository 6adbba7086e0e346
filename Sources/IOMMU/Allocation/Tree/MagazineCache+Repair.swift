#if !hasFeature(Embedded)

extension MagazineCache {
  /// The runs of a class in the two magazines of `cpu`.
  borrowing func count(_ sizeClass: Int, on cpu: CPUIndex) -> Int {
    let slot = slot(cpu, sizeClass)
    return Int(store.counts[Int(slots[slot].loaded)] &+ store.counts[Int(slots[slot].previous)])
  }

  /// Takes the run at `page` out of wherever it is cached, or gives `nil`.
  ///
  /// A magazine that was not on top becomes the loaded one of `cpu` where that is how the processor
  /// could have come by the run. Complexity: linear in the cached runs.
  borrowing func remove(_ page: UInt64, _ sizeClass: Int, for cpu: CPUIndex) -> MagazinePlace? {
    let own = slot(cpu, sizeClass)
    if let depth = take(page, outOf: slots[own].loaded) { return .loaded(under: depth) }
    if take(page, outOf: slots[own].previous) != nil {
      swap(&slots[own].loaded, &slots[own].previous)
      return .previous
    }
    for other in 0..<cpus where other != cpu.rawValue {
      let slot = slot(CPUIndex(other), sizeClass)
      if let depth = take(page, outOf: slots[slot].loaded) {
        // On top, the two processors have taken each other's magazines from the depot.
        if depth < 4 { swap(&slots[slot].loaded, &slots[own].loaded) }
        return .elsewhere(cpu: other)
      }
      if take(page, outOf: slots[slot].previous) != nil { return .elsewhere(cpu: other) }
    }
    return removeFromDepot(page, sizeClass, own)
  }

  /// Looks through the depot; the magazine that has the run is loaded, as the kernel did.
  private borrowing func removeFromDepot(
    _ page: UInt64, _ sizeClass: Int, _ own: Int
  ) -> MagazinePlace? {
    var above = MagazineStore.none
    var magazine = depots[sizeClass].top
    var depth = 0
    while magazine != MagazineStore.none {
      if take(page, outOf: magazine) != nil {
        let below = store.below[Int(magazine)]
        if above == MagazineStore.none {
          depots[sizeClass].top = below
        } else {
          store.below[Int(above)] = below
        }
        depots[sizeClass].count &-= 1
        load(magazine, own)
        return .depot(under: depth)
      }
      above = magazine
      magazine = store.below[Int(magazine)]
      depth &+= 1
    }
    return nil
  }

  /// Makes `magazine` the loaded one; what was loaded goes where it can have come from.
  borrowing func load(_ magazine: MagazineStore.Magazine, _ slot: Int) {
    let displaced = slots[slot].loaded
    slots[slot].loaded = magazine
    if store.isFull(displaced) { return putInDepot(displaced, slot % Self.sizeCount) }
    // What was loaded goes under the other magazine's runs, and what does not fit stays together.
    let previous = slots[slot].previous
    while !store.isFull(previous), let page = store.pop(from: displaced) {
      store.push(page, under: previous)
    }
    if store.isEmpty(displaced) { return store.putSpare(displaced) }
    putInDepot(previous, slot % Self.sizeCount)
    slots[slot].previous = displaced
  }

  /// Puts a magazine on top of a depot, however many that has.
  private borrowing func putInDepot(_ magazine: MagazineStore.Magazine, _ sizeClass: Int) {
    store.below[Int(magazine)] = depots[sizeClass].top
    depots[sizeClass].top = magazine
    depots[sizeClass].count &+= 1
  }

  /// Takes `page` out of a magazine, keeping the others in order, and says how many were above it.
  private borrowing func take(_ page: UInt64, outOf magazine: MagazineStore.Magazine) -> Int? {
    let base = Int(magazine) &* MagazineStore.magazineSize
    let count = Int(store.counts[Int(magazine)])
    var place = count &- 1
    while place >= 0 && store.pages[base &+ place] != page { place &-= 1 }
    if place < 0 { return nil }
    let depth = count &- 1 &- place
    while place < count &- 1 {
      store.pages[base &+ place] = store.pages[base &+ place &+ 1]
      place &+= 1
    }
    store.counts[Int(magazine)] &-= 1
    return depth
  }
}

extension MagazineStore {
  /// Puts `page` at the bottom; the magazine is not full.
  ///
  /// Complexity: linear in the magazine.
  borrowing func push(_ page: UInt64, under magazine: Magazine) {
    let base = Int(magazine) &* Self.magazineSize
    var place = Int(counts[Int(magazine)])
    while place > 0 {
      pages[base &+ place] = pages[base &+ place &- 1]
      place &-= 1
    }
    pages[base] = page
    counts[Int(magazine)] &+= 1
  }
}

#endif
