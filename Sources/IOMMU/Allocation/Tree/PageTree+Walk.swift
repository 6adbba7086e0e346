extension PageTree {
  /// The first page of `node`'s run.
  borrowing func first(of node: Node) -> UInt64 { nodes[Int(node)].first }

  /// The last page of `node`'s run.
  borrowing func last(of node: Node) -> UInt64 { nodes[Int(node)].last }

  /// The child of `node` on `side`.
  borrowing func child(_ node: Node, _ side: Side) -> Node {
    side == .left ? nodes[Int(node)].left : nodes[Int(node)].right
  }

  /// The next run below `node`, or ``none``.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  borrowing func previous(_ node: Node) -> Node { neighbour(node, .left) }

  /// The next run above `node`, or ``none``.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  borrowing func next(_ node: Node) -> Node { neighbour(node, .right) }

  /// The run that holds `page`, or ``none``.
  ///
  /// Complexity: O(log n).
  borrowing func find(_ page: UInt64) -> Node {
    var node = root
    while node != Self.none {
      countStep()
      if page < first(of: node) {
        node = child(node, .left)
      } else if page > last(of: node) {
        node = child(node, .right)
      } else {
        return node
      }
    }
    return Self.none
  }

  /// The lowest run that reaches `page` or lies above it; the anchor if no other does.
  ///
  /// Complexity: O(log n).
  borrowing func lowest(reaching page: UInt64) -> Node {
    var node = root
    var best = Self.anchor
    while node != Self.none {
      countStep()
      if last(of: node) < page {
        node = child(node, .right)
      } else {
        best = node
        node = child(node, .left)
      }
    }
    return best
  }

  /// The run next to `node` on `side`, in the order of pages.
  private borrowing func neighbour(_ node: Node, _ side: Side) -> Node {
    var below = child(node, side)
    if below != Self.none {
      countStep()
      while child(below, side.other) != Self.none {
        below = child(below, side.other)
        countStep()
      }
      return below
    }
    var here = node
    var above = nodes[Int(here)].parent
    while above != Self.none {
      countStep()
      if child(above, side) != here { break }
      here = above
      above = nodes[Int(here)].parent
    }
    return above
  }
}
