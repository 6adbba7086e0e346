/// The runs of pages in a stretch of neighbouring chunks that are free or stale: what could be
/// handed out if everything were invalidated.
///
/// Numbers of pages, at most 2^32 - 1 for a whole aperture: one of 2^32 pages counts as one less.
struct RunSummary: Equatable, Sendable, BitwiseCopyable {
  /// The run that begins where the stretch does, and the one that ends where it does.
  var prefix: UInt32
  var suffix: UInt32

  /// The longest run anywhere in it.
  var longest: UInt32

  /// A stretch without such a page.
  static var nothing: RunSummary { RunSummary(prefix: 0, suffix: 0, longest: 0) }

  /// A chunk all of whose pages are free or stale, or may be.
  static var wholeChunk: RunSummary { RunSummary(prefix: 256, suffix: 256, longest: 256) }

  init(prefix: UInt32, suffix: UInt32, longest: UInt32) {
    self.prefix = prefix
    self.suffix = suffix
    self.longest = longest
  }

  /// A chunk of which `pages` are free or stale.
  ///
  /// `longest` is the length of their longest run, where the caller knows it.
  init(_ pages: PageBits, longest: Int? = nil) {
    prefix = UInt32(truncatingIfNeeded: pages.runEnd(from: 0))
    suffix = UInt32(truncatingIfNeeded: PageBits.capacity - 1 - pages.inverted.lastPage)
    self.longest = UInt32(truncatingIfNeeded: longest ?? pages.longestRun.count)
  }

  /// What it becomes when pages come back to a chunk, which make the run `run` there.
  func including(_ run: Range<Int>) -> RunSummary {
    var result = self
    result.longest = max(longest, UInt32(truncatingIfNeeded: run.count))
    if run.lowerBound == 0 { result.prefix = UInt32(truncatingIfNeeded: run.upperBound) }
    if run.upperBound == PageBits.capacity {
      result.suffix = UInt32(truncatingIfNeeded: run.count)
    }
    return result
  }

  /// Two stretches of `size` pages each, one behind the other.
  init(_ left: RunSummary, _ right: RunSummary, size: UInt32) {
    let both = left.suffix.addingReportingOverflow(right.prefix)
    let across = both.overflow ? .max : both.partialValue
    prefix = left.prefix == size ? across : left.prefix
    suffix = right.suffix == size ? across : right.suffix
    longest = max(left.longest, right.longest, across)
  }
}

/// Where runs of free and stale pages may begin: a binary tree over the chunks.
///
/// A chunk's leaf tells no less than the chunk has: it is exact, or more than the truth where pages
/// were taken since it was written. In the beginning every leaf says that all of its chunk can be
/// had. Context: under the lock of the allocator's lists. Allocates: once, in `init`.
struct RunTree: ~Copyable, Sendable {
  /// The root is node 1, node n has the children 2n and 2n + 1.
  private let nodes: FixedStorage<RunSummary>

  /// The node of chunk 0: a power of two.
  ///
  /// Nodes behind the last chunk's have nothing.
  private let firstLeaf: Int

  /// Complexity: O(chunks).
  init(chunkCount: Int) {
    var leaves = 1
    while leaves < chunkCount { leaves *= 2 }
    firstLeaf = leaves
    nodes = FixedStorage(count: 2 * leaves) { node in
      node >= leaves && node - leaves < chunkCount ? .wholeChunk : .nothing
    }
    for node in stride(from: leaves - 1, to: 0, by: -1) {
      let size = UInt32(truncatingIfNeeded: size(2 * node))
      nodes[node] = RunSummary(nodes[2 * node], nodes[2 * node + 1], size: size)
    }
  }

  /// What chunk `number` has, as far as its leaf knows.
  subscript(number: Int) -> RunSummary { nodes[firstLeaf + number] }

  /// Says what chunk `number` has.
  ///
  /// Complexity: a step for each level, up to the first where nothing changes.
  func update(_ number: Int, to summary: RunSummary) {
    var node = firstLeaf &+ number
    var size: UInt32 = 256
    if nodes[node] == summary { return }
    nodes[node] = summary
    while node > 1 {
      node &>>= 1
      let merged = RunSummary(nodes[node &<< 1], nodes[node &<< 1 | 1], size: size)
      if merged == nodes[node] { return }
      nodes[node] = merged
      size &<<= 1
    }
  }

  /// The lowest chunk, not below `first`, in which a run of `count` pages may begin that lies in
  /// chunks from `first` on.
  ///
  /// Complexity: three steps for each level.
  func firstBeginning(ofRun count: UInt64, from first: Int) -> Int? {
    let pages = min(count, UInt64(UInt32.max))
    var node = first == 0 ? 1 : firstLeaf + first
    // The run that reaches up to the node, all of it behind the start of `first`.
    var reaching: UInt64 = 0
    while true {
      let summary = nodes[node]
      if max(UInt64(summary.longest), reaching + UInt64(summary.prefix)) >= pages {
        if node >= firstLeaf { break }
        node *= 2
        continue
      }
      let isWhole = UInt64(summary.prefix) == size(node)
      reaching = isWhole ? reaching + size(node) : UInt64(summary.suffix)
      // On to the stretch behind: the right sibling of the lowest ancestor that is a left child.
      while node & 1 == 1 { node /= 2 }
      if node == 0 { return nil }
      node += 1
    }
    let number = node - firstLeaf
    if reaching + UInt64(nodes[node].prefix) < pages { return number }
    return reaching == 0 ? number : number - Int((reaching + 255) / 256)
  }

  /// The number of pages that a node stands for.
  private func size(_ node: Int) -> UInt64 {
    256 << UInt64(firstLeaf.trailingZeroBitCount - (Int.bitWidth - 1 - node.leadingZeroBitCount))
  }
}
