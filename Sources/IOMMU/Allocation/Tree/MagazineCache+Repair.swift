#if !hasFeature(Embedded)

extension MagazineCache {
  /// The runs of a class in the two magazines of `cpu`.
  borrowing func count(_ sizeClass: Int, on cpu: CPUIndex) -> Int {
    let slot = slots.slot(of: cpu)
    return store.magazines[Int(slots[slot, sizeClass].loaded)].count
      &+ store.magazines[Int(slots[slot, sizeClass].previous)].count
  }

  /// Takes the run at `page` out of wherever it is cached, or gives `nil`.
  ///
  /// A magazine that was not on top becomes the loaded one of `cpu` where that is how the processor
  /// could have come by the run. Complexity: linear in the cached runs.
  borrowing func remove(_ page: UInt64, _ sizeClass: Int, for cpu: CPUIndex) -> MagazinePlace? {
    let own = slots.slot(of: cpu)
    if let depth = take(page, outOf: slots[own, sizeClass].loaded) { return .loaded(under: depth) }
    if take(page, outOf: slots[own, sizeClass].previous) != nil {
      swap(&slots[own, sizeClass].loaded, &slots[own, sizeClass].previous)
      return .previous
    }
    for other in 0..<cpus where other != cpu.rawValue {
      let slot = slots.slot(of: CPUIndex(other))
      if let depth = take(page, outOf: slots[slot, sizeClass].loaded) {
        // On top, the two processors have taken each other's magazines from the depot.
        if depth < 4 { swap(&slots[slot, sizeClass].loaded, &slots[own, sizeClass].loaded) }
        return .elsewhere(cpu: other)
      }
      if take(page, outOf: slots[slot, sizeClass].previous) != nil { return .elsewhere(cpu: other) }
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
        load(magazine, sizeClass, own)
        return .depot(under: depth)
      }
      above = magazine
      magazine = store.below[Int(magazine)]
      depth &+= 1
    }
    return nil
  }

  /// Makes `magazine` the loaded one; what was loaded goes where it can have come from.
  borrowing func load(_ magazine: MagazineStore.Number, _ sizeClass: Int, _ slot: Int) {
    let displaced = slots[slot, sizeClass].loaded
    slots[slot, sizeClass].loaded = magazine
    if store.magazines[Int(displaced)].isFull { return putInDepot(displaced, sizeClass) }
    // What was loaded goes under the other magazine's runs, and what does not fit stays together.
    let previous = slots[slot, sizeClass].previous
    while !store.magazines[Int(previous)].isFull,
      let page = store.magazines[Int(displaced)].pop()
    {
      store.magazines[Int(previous)].push(under: page)
    }
    if store.magazines[Int(displaced)].count == 0 { return store.putSpare(displaced) }
    putInDepot(previous, sizeClass)
    slots[slot, sizeClass].previous = displaced
  }

  /// Puts a magazine on top of a depot, however many that has.
  private borrowing func putInDepot(_ magazine: MagazineStore.Number, _ sizeClass: Int) {
    store.below[Int(magazine)] = depots[sizeClass].top
    depots[sizeClass].top = magazine
    depots[sizeClass].count &+= 1
  }

  /// Takes `page` out of a magazine, keeping the others in order, and says how many were above it.
  private borrowing func take(_ page: UInt64, outOf magazine: MagazineStore.Number) -> Int? {
    store.magazines[Int(magazine)].remove(page)
  }
}

// Not inlined: Swift 6.3.1 cannot verify what becomes of the loops then.
extension Magazine {
  /// Takes `page` out, keeping the others in order, and says how many were above it.
  @inline(never)
  mutating func remove(_ page: UInt64) -> Int? {
    var place = count &- 1
    while place >= 0 && self[place] != page { place &-= 1 }
    if place < 0 { return nil }
    let depth = count &- 1 &- place
    while place < count &- 1 {
      self[place] = self[place &+ 1]
      place &+= 1
    }
    count &-= 1
    return depth
  }

  /// Puts `page` at the bottom; the magazine is not full.
  ///
  /// Complexity: linear in the magazine.
  @inline(never)
  mutating func push(under page: UInt64) {
    var place = count
    while place > 0 {
      self[place] = self[place &- 1]
      place &-= 1
    }
    self[0] = page
    count &+= 1
  }
}

#endif
