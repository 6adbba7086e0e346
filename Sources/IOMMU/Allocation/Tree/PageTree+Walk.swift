extension PageTree {
  /// The first page of `node`'s run.
  borrowing func first(of node: Node) -> UInt64 { nodes[Int(node)].first }

  /// The last page of `node`'s run.
  borrowing func last(of node: Node) -> UInt64 { nodes[Int(node)].last }

  /// The child of `node` on `side`.
  borrowing func child(_ node: Node, _ side: Side) -> Node {
    switch side {
    case .left: nodes[Int(node)].left
    case .right: nodes[Int(node)].right
    }
  }

  /// The next run below `node`, or ``none``.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  borrowing func previous(_ node: Node) -> Node {
    if nodes[Int(node)].left != Self.none { return rightmost(nodes[Int(node)].left) }
    var here = node
    var above = nodes[Int(here)].parent
    while above != Self.none {
      countStep()
      if nodes[Int(above)].left != here { break }
      here = above
      above = nodes[Int(here)].parent
    }
    return above
  }

  /// The next run above `node`, or ``none``.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  borrowing func next(_ node: Node) -> Node {
    if nodes[Int(node)].right != Self.none { return leftmost(nodes[Int(node)].right) }
    var here = node
    var above = nodes[Int(here)].parent
    while above != Self.none {
      countStep()
      if nodes[Int(above)].right != here { break }
      here = above
      above = nodes[Int(here)].parent
    }
    return above
  }

  private borrowing func leftmost(_ top: Node) -> Node {
    countStep()
    var node = top
    while nodes[Int(node)].left != Self.none {
      node = nodes[Int(node)].left
      countStep()
    }
    return node
  }

  private borrowing func rightmost(_ top: Node) -> Node {
    countStep()
    var node = top
    while nodes[Int(node)].right != Self.none {
      node = nodes[Int(node)].right
      countStep()
    }
    return node
  }

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
}
