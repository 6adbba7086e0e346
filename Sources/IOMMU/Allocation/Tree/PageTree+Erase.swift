extension PageTree {
  /// Removes `node`, which is neither ``none`` nor the anchor, and makes it free.
  ///
  /// Complexity: O(log n).
  borrowing func erase(_ node: Node) {
    precondition(node != Self.none && node != Self.anchor, "run cannot be removed")
    countSteps()
    var removedRed = isRed(node)
    let orphan: Node
    if child(node, .left) == Self.none {
      orphan = child(node, .right)
      replace(node, by: orphan)
    } else if child(node, .right) == Self.none {
      orphan = child(node, .left)
      replace(node, by: orphan)
    } else {
      let successor = next(node)
      removedRed = isRed(successor)
      orphan = child(successor, .right)
      if parent(successor) == node {
        nodes[orphan].parent = successor
      } else {
        replace(successor, by: orphan)
        adopt(successor, .right, child(node, .right))
      }
      replace(node, by: successor)
      adopt(successor, .left, child(node, .left))
      paint(successor, red: isRed(node))
    }
    if !removedRed { repairRemoval(at: orphan) }
    putFreeNode(node)
  }

  private borrowing func adopt(_ node: Node, _ side: Side, _ orphan: Node) {
    setChild(node, side, orphan)
    nodes[orphan].parent = node
  }

  /// Restores "all paths down have as many black nodes" where the one through `start` lost one.
  private borrowing func repairRemoval(at start: Node) {
    var node = start
    while node != root && !isRed(node) {
      countSteps()
      let above = parent(node)
      let side: Side = child(above, .left) == node ? .left : .right
      var sibling = child(above, side.other)
      if isRed(sibling) {
        paint(sibling, red: false)
        paint(above, red: true)
        rotate(above, side)
        sibling = child(above, side.other)
      }
      if !isRed(child(sibling, .left)) && !isRed(child(sibling, .right)) {
        paint(sibling, red: true)
        node = above
        continue
      }
      if !isRed(child(sibling, side.other)) {
        paint(child(sibling, side), red: false)
        paint(sibling, red: true)
        rotate(sibling, side.other)
        sibling = child(above, side.other)
      }
      paint(sibling, red: isRed(above))
      paint(above, red: false)
      paint(child(sibling, side.other), red: false)
      rotate(above, side)
      node = root
    }
    paint(node, red: false)
  }
}
