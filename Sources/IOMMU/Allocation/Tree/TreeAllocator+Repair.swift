#if !hasFeature(Embedded)

/// What following another allocator's log takes beyond allocating and freeing: to give in.
extension TreeAllocator {
  /// Whether a request of `pages` pages on `cpu` would be served from magazines or the depot.
  ///
  /// Complexity: O(1). Context: any processor.
  package borrowing func hasCached(pages: UInt64, on cpu: CPUIndex) -> Bool {
    guard let sizeClass = MagazineCache.sizeClass(of: pages) else { return false }
    return cache.count(sizeClass, on: cpu) > 0 || cache.depots[sizeClass].count > 0
  }

  /// Undoes an allocation that is the latest of `cpu`.
  ///
  /// A run from a magazine is on top of the loaded one again; one from the tree is free there.
  /// Complexity: O(log n). Context: any processor.
  package borrowing func undo(_ range: IOVARange, wasCached: Bool, on cpu: CPUIndex) {
    if wasCached {
      free(range, on: cpu)
    } else {
      tree.free(range, on: cpu)
    }
  }

  /// Hands out exactly `range`, wherever it is, and says where it was.
  ///
  /// Where it is handed out already, or shares pages with other runs, nothing changes.
  /// Complexity: linear in the cached runs. Context: any processor.
  package borrowing func claim(_ range: IOVARange, on cpu: CPUIndex) -> TreeClaim {
    guard let inside = range.aligned(to: granule).intersection(aperture) else { return .outside }
    let first = inside.first.rawValue &>> UInt64(granule.log2)
    let size = MagazineCache.roundedUp(inside.pageCount(of: granule).rawValue)
    if tree.holds(first, size) {
      guard let sizeClass = MagazineCache.sizeClass(of: size),
        let place = cache.remove(first, sizeClass, for: cpu)
      else { return .handedOut }
      return .cached(place)
    }
    guard let last = range.first.advanced(by: (size &<< UInt64(granule.log2)) &- 1),
      last <= aperture.last
    else { return .outside }
    dropCached(first, first &+ size &- 1, on: cpu)
    if tree.firstRun(in: first, first &+ size &- 1) != nil { return .handedOut }
    return tree.insert(first, size) ? .free : .outside
  }

  /// Gives cached runs that touch `first…last` back to the tree, because the kernel must have.
  private borrowing func dropCached(_ first: UInt64, _ last: UInt64, on cpu: CPUIndex) {
    var from = first
    while let run = tree.firstRun(in: from, last) {
      if let sizeClass = MagazineCache.sizeClass(of: run.pages),
        cache.remove(run.first, sizeClass, for: cpu) != nil
      {
        tree.free(IOVARange(knownPage: run.first, count: run.pages, of: granule), on: cpu)
      }
      from = run.first &+ run.pages
      if from > last { return }
    }
  }
}

/// Where a claimed run was.
package enum TreeClaim: Equatable, Sendable {
  /// In no run: free in the tree.
  case free
  /// In a cache.
  case cached(MagazinePlace)
  /// In a queue, waiting for an invalidation.
  case waiting
  /// Handed out already, at least one page of it.
  case handedOut
  /// Not of this allocator, or there is no node left for it.
  case outside
}

/// Where in the caches a run was.
package enum MagazinePlace: Equatable, Sendable {
  /// In the processor's loaded magazine, under so many others.
  case loaded(under: Int)
  /// In the processor's other magazine.
  case previous
  /// In a magazine of another processor.
  case elsewhere(cpu: Int)
  /// In the depot, under so many magazines.
  case depot(under: Int)
}

#endif
