/// A red-black tree of runs of pages that do not overlap, over nodes allocated at creation.
///
/// Node 0 stands for "no node", so that the links of the textbook's sentinel work unchanged; node 1
/// is the anchor, a run above every page, so that each other run has a successor.
/// Source of the algorithms: Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms",
/// chapter 13. Context: the owner's lock guards every member. Allocates: at creation only.
struct PageTree: ~Copyable, Sendable {
  /// The index of a node.
  typealias Node = Int32

  /// No node.
  static var none: Node { 0 }

  /// The run above every page; it is never removed.
  static var anchor: Node { 1 }

  /// The side of a child.
  enum Side {
    case left
    case right

    var other: Side {
      switch self {
      case .left: .right
      case .right: .left
      }
    }
  }

  let nodes: FixedStorage<PageTreeNode>
  private let scalars: FixedStorage<PageTreeScalars>

  /// A tree that can hold `capacity` runs besides the anchor.
  init(capacity: Int) {
    precondition(capacity > 0 && capacity < Int(Int32.max) - 2, "tree capacity out of range")
    // Free nodes are chained through their right links.
    nodes = FixedStorage(count: capacity + 2) { index in
      PageTreeNode(right: index > 1 && index < capacity + 1 ? Int32(index + 1) : 0)
    }
    scalars = FixedStorage(count: 1) { _ in
      PageTreeScalars(root: Self.anchor, firstFree: 2, steps: 0)
    }
    nodes[1].first = .max
    nodes[1].last = .max
  }

  /// The number of nodes visited so far: by walks, descents and repairs; a rotation counts as one.
  var steps: UInt64 { scalars[0].steps }

  /// Whether a node is left for one more run.
  var hasFreeNode: Bool { scalars[0].firstFree != Self.none }

  /// The topmost node.
  var root: Node {
    get { scalars[0].root }
    nonmutating set { scalars[0].root = newValue }
  }

  /// Counts one visited node.
  borrowing func countStep() {
    scalars[0].steps &+= 1
  }

  /// How many nodes are free, counted up to `limit`.
  ///
  /// Complexity: linear in the answer.
  borrowing func freeNodes(upTo limit: Int) -> Int {
    var count = 0
    var node = scalars[0].firstFree
    while node != Self.none && count < limit {
      count += 1
      node = nodes[Int(node)].right
    }
    return count
  }

  /// Takes a node from the free ones for the run `first…last`; ``none`` where there are none left.
  borrowing func takeFreeNode(first: UInt64, last: UInt64) -> Node {
    let node = scalars[0].firstFree
    if node == Self.none { return node }
    scalars[0].firstFree = nodes[Int(node)].right
    nodes[Int(node)] = PageTreeNode(first: first, last: last, isRed: true)
    return node
  }

  /// Gives back a node that is in the tree no longer.
  borrowing func putFreeNode(_ node: Node) {
    nodes[Int(node)].right = scalars[0].firstFree
    scalars[0].firstFree = node
  }
}

/// One run of pages and its links.
struct PageTreeNode {
  var first: UInt64 = 0
  var last: UInt64 = 0
  var parent: Int32 = 0
  var left: Int32 = 0
  var right: Int32 = 0
  var isRed = false
}

/// What belongs to the tree as a whole.
struct PageTreeScalars {
  var root: Int32
  var firstFree: Int32
  var steps: UInt64
}
