/// A red-black tree of runs of pages that do not overlap, over nodes allocated at creation.
///
/// The first node stands for "no node", so that the links of the textbook's sentinel work
/// unchanged; the second is the anchor, a run above every page, so that each other run has a
/// successor.
/// Source of the algorithms: Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms",
/// chapter 13. Context: the owner's lock guards every member. Allocates: at creation only.
struct PageTree: ~Copyable, Sendable {
  /// The side of a child.
  struct Side: Equatable {
    /// Its place among a node's children.
    let index: Int

    static var left: Side { Side(index: 0) }
    static var right: Side { Side(index: 1) }

    var other: Side { Side(index: index ^ 1) }
  }

  let nodes: PageTreeNodes
  private let scalars: FixedCell<PageTreeScalars>

  /// A tree that can hold `capacity` runs besides the anchor.
  init(capacity: Int) {
    nodes = PageTreeNodes(capacity: capacity)
    scalars = FixedCell(
      PageTreeScalars(root: Self.anchor, firstFree: PageTreeNodes.firstFree, steps: 0))
    nodes[Self.anchor].first = .max
    nodes[Self.anchor].last = .max
  }

  /// The number of nodes visited so far: by walks, descents and repairs; a rotation counts as one.
  var steps: UInt64 { scalars.value.steps }

  /// Whether a node is left for one more run.
  var hasFreeNode: Bool { scalars.value.firstFree != Self.none }

  /// The topmost node.
  var root: Node {
    get { scalars.value.root }
    nonmutating set { scalars.value.root = newValue }
  }

  /// Counts visited nodes.
  borrowing func countSteps(_ number: UInt64 = 1) {
    scalars.value.steps &+= number
  }

  /// How many nodes are free, counted up to `limit`.
  ///
  /// Complexity: linear in the answer.
  borrowing func freeNodes(upTo limit: Int) -> Int {
    var count = 0
    var node = scalars.value.firstFree
    while node != Self.none && count < limit {
      count += 1
      node = nodes[node][.right]
    }
    return count
  }

  /// Takes a node from the free ones for the run `first…last`; ``none`` where there are none left.
  borrowing func takeFreeNode(first: UInt64, last: UInt64) -> Node {
    let node = scalars.value.firstFree
    if node == Self.none { return node }
    scalars.value.firstFree = nodes[node][.right]
    nodes[node] = PageTreeNode(first: first, last: last, isRed: true)
    return node
  }

  /// Gives back a node that is in the tree no longer.
  borrowing func putFreeNode(_ node: Node) {
    nodes[node][.right] = scalars.value.firstFree
    scalars.value.firstFree = node
  }
}

/// What belongs to the tree as a whole.
struct PageTreeScalars {
  var root: PageTree.Node
  var firstFree: PageTree.Node
  var steps: UInt64
}
