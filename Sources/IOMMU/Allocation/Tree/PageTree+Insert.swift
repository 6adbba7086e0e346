extension PageTree {
  /// Adds the run `first…last`, which overlaps none, and gives its node; ``none`` if none is left.
  ///
  /// `hint` is the run right above it: its place is in the left subtree there, and the descent
  /// starts there. Complexity: O(log n).
  @inline(__always)
  borrowing func insert(first: UInt64, last: UInt64, below hint: Node) -> Node {
    let node = takeFreeNode(first: first, last: last)
    if node == Self.none { return node }
    var parent = hint
    var below = child(hint, .left)
    var side = Side.left
    var steps: UInt64 = 1
    while below != Self.none {
      steps &+= 1
      parent = below
      side = .right
      below = child(below, .right)
    }
    countSteps(steps)
    setChild(parent, side, node)
    nodes[node].parent = parent
    repairInsertion(of: node)
    return node
  }

  /// Restores "a red node has black children" from `node` upwards.
  private borrowing func repairInsertion(of node: Node) {
    var node = node
    while isRed(parent(node)) {
      countSteps()
      let grandparent = parent(parent(node))
      let side: Side = child(grandparent, .left) == parent(node) ? .left : .right
      let uncle = child(grandparent, side.other)
      if isRed(uncle) {
        paint(parent(node), red: false)
        paint(uncle, red: false)
        paint(grandparent, red: true)
        node = grandparent
      } else {
        if node == child(parent(node), side.other) {
          node = parent(node)
          rotate(node, side)
        }
        paint(parent(node), red: false)
        paint(grandparent, red: true)
        rotate(grandparent, side.other)
      }
    }
    paint(root, red: false)
  }

  /// Moves `node` down to `side`, and its child from the other side into its place.
  borrowing func rotate(_ node: Node, _ side: Side) {
    countSteps()
    let riser = child(node, side.other)
    let moved = child(riser, side)
    setChild(node, side.other, moved)
    if moved != Self.none { nodes[moved].parent = node }
    replace(node, by: riser)
    setChild(riser, side, node)
    nodes[node].parent = riser
  }

  /// Hangs `other` where `node` hangs; `other` may be ``none``, whose parent is then remembered.
  borrowing func replace(_ node: Node, by other: Node) {
    let above = parent(node)
    if above == Self.none {
      root = other
    } else {
      setChild(above, child(above, .left) == node ? .left : .right, other)
    }
    nodes[other].parent = above
  }

  borrowing func parent(_ node: Node) -> Node { nodes[node].parent }

  borrowing func isRed(_ node: Node) -> Bool { nodes[node].isRed }

  borrowing func paint(_ node: Node, red: Bool) { nodes[node].isRed = red }

  borrowing func setChild(_ node: Node, _ side: Side, _ child: Node) {
    nodes[node][side] = child
  }
}
