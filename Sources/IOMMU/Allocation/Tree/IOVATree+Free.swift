extension IOVATree {
  /// Takes back a range; it is free at once.
  ///
  /// A range that is not handed out is a programmer's error and traps.
  /// Complexity: O(log n). Context: any processor. Allocates: never.
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    precondition(aperture.contains(range), "range is not pages of the aperture")
    lock.lock()
    defer { lock.unlock() }
    remove(runAt: range.first.rawValue &>> UInt64(granule.log2))
  }

  /// Removes the run that starts at `page`; the lock is held.
  borrowing func remove(runAt page: UInt64) {
    let node = tree.find(page)
    precondition(
      node != PageTree.none && tree.first(of: node) == page, "freed pages were not handed out")
    moveCursor(awayFrom: node)
    tree.erase(node)
  }

  /// Lets later searches see the gap that removing `node` opens.
  ///
  /// Source: `__cached_rbnode_delete_update`. A search starts right above the highest gap that has
  /// opened since the last run was placed, so it finds that one too.
  private borrowing func moveCursor(awayFrom node: PageTree.Node) {
    let first = tree.first(of: node)
    let last = tree.last(of: node)
    var above = PageTree.none
    if node == cursor[0].low
      || (last < end32 && first >= tree.first(of: cursor[0].low))
    {
      above = tree.next(node)
      cursor[0].low = above
    }
    if first < end32 { cursor[0].refusedBelow4GiB = end32 }
    if first >= tree.first(of: cursor[0].wide) {
      cursor[0].wide = above == PageTree.none ? tree.next(node) : above
    }
  }
}
