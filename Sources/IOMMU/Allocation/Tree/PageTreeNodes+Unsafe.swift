/// One run of pages and its links.
struct PageTreeNode {
  var first: UInt64 = 0
  var last: UInt64 = 0
  private var parentName: UInt32 = 0
  /// Left and right.
  private var childNames: [2 of UInt32] = [0, 0]
  var isRed = false

  init(first: UInt64 = 0, last: UInt64 = 0, isRed: Bool = false) {
    self.first = first
    self.last = last
    self.isRed = isRed
  }

  /// The node above.
  var parent: PageTree.Node {
    get { PageTree.Node(offset: parentName) }
    set { parentName = UInt32(truncatingIfNeeded: newValue.offset) }
  }

  /// The node below on a side.
  subscript(side: PageTree.Side) -> PageTree.Node {
    get { PageTree.Node(offset: childNames[side.index & 1]) }
    set { childNames[side.index & 1] = UInt32(truncatingIfNeeded: newValue.offset) }
  }
}

extension PageTree {
  /// The name of a node: how many bytes into the nodes' memory it begins, so that going from link
  /// to link needs no multiplication.
  ///
  /// Only this file makes names, and only of nodes that there are: so that going there needs no
  /// check either.
  struct Node: Equatable, Sendable, BitwiseCopyable {
    /// Of 32 bits; wider here, as an offset is added to a pointer.
    fileprivate let offset: UInt

    fileprivate init(_ index: Int) {
      offset = UInt(bitPattern: index &* MemoryLayout<PageTreeNode>.stride)
    }

    fileprivate init(offset: UInt32) {
      self.offset = UInt(offset)
    }
  }

  /// No node.
  static var none: Node { Node(0) }

  /// The run above every page; it is never removed.
  static var anchor: Node { Node(1) }
}

/// The nodes of a ``PageTree``: the one for "no node", the anchor, and those of runs.
@safe
struct PageTreeNodes: ~Copyable, Sendable {
  // A generic owner: Embedded Swift 6.3.1 does not end one of a single type in another module.
  private let nodes: FixedStorage<PageTreeNode>

  /// How many runs there can be at most: their names have 32 bits.
  static var capacityMax: Int { Int(UInt32.max) / MemoryLayout<PageTreeNode>.stride - 2 }

  /// The first of the free nodes, which are chained through their right links at first.
  static var firstFree: PageTree.Node { PageTree.Node(2) }

  /// Room for `capacity` runs, 1 or more.
  ///
  /// Allocates: once, here.
  init(capacity: Int) {
    precondition(capacity > 0 && capacity <= Self.capacityMax, "tree capacity out of range")
    let count = capacity + 2
    nodes = FixedStorage(count: count) { index in
      var node = PageTreeNode()
      if index > 1 && index < count - 1 { node[.right] = PageTree.Node(index + 1) }
      return node
    }
  }

  /// The node that `node` names, which is one of these: a tree keeps its names to itself.
  subscript(node: PageTree.Node) -> PageTreeNode {
    @inline(__always)
    unsafeAddress {
      // SAFETY: names are made above only: of the first three nodes, which every tree has, and of
      // as many as this one has, which it alone is given.
      let unsafeNode =
        unsafe UnsafeRawPointer(nodes.unsafeBase) + Int(bitPattern: node.offset)
      return unsafe unsafeNode.assumingMemoryBound(to: PageTreeNode.self)
    }
    @inline(__always)
    nonmutating unsafeMutableAddress {
      // SAFETY: as above.
      let unsafeNode =
        unsafe UnsafeMutableRawPointer(nodes.unsafeBase) + Int(bitPattern: node.offset)
      return unsafe unsafeNode.assumingMemoryBound(to: PageTreeNode.self)
    }
  }
}
