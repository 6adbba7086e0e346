extension IOVATree {
  /// Keeps the pages that `range` touches from ever being handed out.
  ///
  /// Pages outside the aperture and pages that are reserved already are passed over.
  /// - Complexity: linear in the runs inside the range, times O(log n).
  /// - Throws: ``IOVAAllocationError/exhausted(pages:limit:)`` where the nodes do not suffice;
  ///   nothing is reserved then.
  /// - Context: set-up, before the first allocation. Allocates: never.
  public borrowing func reserve(_ range: IOVARange) throws(IOVAAllocationError) {
    guard let inside = range.aligned(to: granule).intersection(aperture) else { return }
    let shift = UInt64(granule.log2)
    let first = inside.first.rawValue &>> shift
    let last = inside.last.rawValue &>> shift
    lock.lock()
    defer { lock.unlock() }
    var gaps = 0
    var from = first
    while let gap = gap(from: from, through: last) {
      gaps &+= 1
      from = gap.last &+ 1
    }
    if tree.freeNodes(upTo: gaps) < gaps {
      throw .exhausted(pages: PageCount(last &- first &+ 1), limit: inside.last)
    }
    from = first
    while let gap = gap(from: from, through: last) {
      _ = tree.insert(first: gap.first, last: gap.last, below: gap.above)
      from = gap.last &+ 1
    }
  }

  /// The first pages from `first` on, up to `last`, that no run holds, and the run above them.
  private borrowing func gap(
    from first: UInt64, through last: UInt64
  ) -> (first: UInt64, last: UInt64, above: PageTree.Node)? {
    var first = first
    var above = tree.lowest(reaching: first)
    while first <= last {
      if tree.first(of: above) > first {
        return (first, min(last, tree.first(of: above) &- 1), above)
      }
      // The anchor's first page is above every page, so this is a run that ends below the top.
      first = tree.last(of: above) &+ 1
      above = tree.next(above)
    }
    return nil
  }
}
