#if !hasFeature(Embedded)

extension IOVATree {
  /// Whether exactly `pages` pages from `first` are one run.
  ///
  /// Complexity: O(log n). Context: any processor; takes the lock.
  borrowing func holds(_ first: UInt64, _ pages: UInt64) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let node = tree.find(first)
    return node != PageTree.none && tree.first(of: node) == first
      && tree.last(of: node) == first &+ pages &- 1
  }

  /// The lowest run that shares a page with `first…last`, or `nil`.
  ///
  /// Complexity: O(log n). Context: any processor; takes the lock.
  borrowing func firstRun(in first: UInt64, _ last: UInt64) -> (first: UInt64, pages: UInt64)? {
    lock.lock()
    defer { lock.unlock() }
    let node = tree.lowest(reaching: first)
    let start = tree.first(of: node)
    if node == PageTree.anchor || start > last { return nil }
    return (start, tree.last(of: node) &- start &+ 1)
  }

  /// Marks free pages as a run and lets searches start there; `false` where no node is left.
  ///
  /// Complexity: O(log n). Context: any processor; takes the lock.
  borrowing func insert(_ first: UInt64, _ pages: UInt64) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let last = first &+ pages &- 1
    let node = tree.insert(first: first, last: last, below: tree.lowest(reaching: first))
    if node == PageTree.none { return false }
    if last < end32 { cursor.value.low = node } else { cursor.value.wide = node }
    return true
  }

  /// Marks free pages as a run and leaves searches where they are; `false` where no node is left.
  ///
  /// Complexity: O(log n). Context: any processor; takes the lock.
  borrowing func insertQuietly(_ first: UInt64, _ pages: UInt64) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let above = tree.lowest(reaching: first)
    return tree.insert(first: first, last: first &+ pages &- 1, below: above) != PageTree.none
  }
}

#endif
