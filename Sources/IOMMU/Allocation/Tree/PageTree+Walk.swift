extension PageTree {
  /// The first page of `node`'s run.
  borrowing func first(of node: Node) -> UInt64 { nodes[node].first }

  /// The last page of `node`'s run.
  borrowing func last(of node: Node) -> UInt64 { nodes[node].last }

  /// The child of `node` on `side`.
  borrowing func child(_ node: Node, _ side: Side) -> Node {
    nodes[node][side]
  }

  /// The next run below `node`, or ``none``; adds the nodes visited to `steps`.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  @inline(__always)
  borrowing func previous(_ node: Node, _ steps: inout UInt64) -> Node {
    neighbour(node, .left, &steps)
  }

  /// The next run above `node`, or ``none``.
  ///
  /// Complexity: O(log n), O(1) over a whole walk.
  borrowing func next(_ node: Node) -> Node {
    var steps: UInt64 = 0
    let next = neighbour(node, .right, &steps)
    countSteps(steps)
    return next
  }

  /// The run next to `node` on `side`.
  @inline(__always)
  private borrowing func neighbour(_ node: Node, _ side: Side, _ steps: inout UInt64) -> Node {
    var here = child(node, side)
    if here != Self.none {
      // Down to the end on the other side.
      steps &+= 1
      var below = child(here, side.other)
      while below != Self.none {
        steps &+= 1
        here = below
        below = child(here, side.other)
      }
      return here
    }
    here = node
    var above = nodes[here].parent
    while above != Self.none {
      steps &+= 1
      if child(above, side) != here { break }
      here = above
      above = nodes[here].parent
    }
    return above
  }

  /// The run that begins with `page`, or ``none``.
  ///
  /// Visits the same nodes as ``find(_:)`` does where there is such a run. Complexity: O(log n).
  @inline(__always)
  borrowing func find(startingAt page: UInt64) -> Node {
    var node = root
    var steps: UInt64 = 0
    while node != Self.none {
      steps &+= 1
      let first = nodes[node].first
      if first == page { break }
      node = child(node, first < page ? .right : .left)
    }
    countSteps(steps)
    return node
  }

  /// The run that holds `page`, or ``none``.
  ///
  /// Complexity: O(log n).
  borrowing func find(_ page: UInt64) -> Node {
    var node = root
    var steps: UInt64 = 0
    while node != Self.none {
      steps &+= 1
      if page < nodes[node].first {
        node = child(node, .left)
      } else if page > nodes[node].last {
        node = child(node, .right)
      } else {
        break
      }
    }
    countSteps(steps)
    return node
  }

  /// The lowest run that reaches `page` or lies above it; the anchor if no other does.
  ///
  /// Complexity: O(log n).
  borrowing func lowest(reaching page: UInt64) -> Node {
    var node = root
    var best = Self.anchor
    var steps: UInt64 = 0
    while node != Self.none {
      steps &+= 1
      if last(of: node) < page {
        node = child(node, .right)
      } else {
        best = node
        node = child(node, .left)
      }
    }
    countSteps(steps)
    return best
  }
}
