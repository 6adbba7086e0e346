extension IOVATree {
  /// Takes back a range; it is free at once.
  ///
  /// A range that is not handed out is a programmer's error and traps.
  /// Complexity: O(log n). Context: any processor. Allocates: never.
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    precondition(aperture.contains(range), "range is not pages of the aperture")
    free(runAt: range.first.rawValue &>> UInt64(granule.log2))
  }

  /// Takes back the run that starts at `page`.
  @usableFromInline
  @inline(never)
  borrowing func free(runAt page: UInt64) {
    lock.lock()
    defer { lock.unlock() }
    remove(runAt: page)
  }

  /// Removes the run that starts at `page`; the lock is held.
  @inline(__always)
  borrowing func remove(runAt page: UInt64) {
    let node = tree.find(startingAt: page)
    precondition(node != PageTree.none, "freed pages were not handed out")
    moveCursor(awayFrom: node)
    tree.erase(node)
  }

  /// Lets later searches see the gap that removing `node` opens.
  ///
  /// Source: `__cached_rbnode_delete_update`. A search starts right above the highest gap that has
  /// opened since the last run was placed, so it finds that one too.
  @inline(__always)
  private borrowing func moveCursor(awayFrom node: PageTree.Node) {
    let first = tree.first(of: node)
    let last = tree.last(of: node)
    var above = PageTree.none
    if node == cursor.value.low
      || (last < end32 && first >= tree.first(of: cursor.value.low))
    {
      above = tree.next(node)
      cursor.value.low = above
    }
    if first < end32 { cursor.value.refusedBelow4GiB = end32 }
    if first >= tree.first(of: cursor.value.wide) {
      cursor.value.wide = above == PageTree.none ? tree.next(node) : above
    }
  }
}
