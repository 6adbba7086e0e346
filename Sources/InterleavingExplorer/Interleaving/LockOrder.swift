/// In which order locks were taken while others were held, over all runs.
///
/// Where the order has a cycle there is some schedule that could deadlock, unless something else
/// prevents it; that is reported even if no schedule of this scenario does.
struct LockOrder {
  /// One lock was taken while another was held.
  struct Edge {
    var task: Int
    var heldPlace: StepPlace
    var takenPlace: StepPlace
  }

  /// A cycle was closed.
  struct Inversion {
    /// The edge that closed it, and the one after it.
    var edge: Edge
    var against: Edge
    /// The number of the step that closed it, from 1.
    var step: Int
  }

  /// By the held lock: the locks taken then, with one example each.
  private var edges: [Int32: [(lock: Int32, edge: Edge)]] = [:]
  private var known: Set<UInt64> = []
  /// The first cycle that this run closed.
  private(set) var inversion: Inversion?

  mutating func beginRun() {
    inversion = nil
  }

  /// Notes the edge.
  ///
  /// Complexity: O(1) for a known one, else O(edges).
  mutating func add(from held: Int32, to taken: Int32, _ edge: Edge, step: Int) {
    let key = UInt64(UInt32(bitPattern: held)) << 32 | UInt64(UInt32(bitPattern: taken))
    guard known.insert(key).inserted else { return }
    edges[held, default: []].append((taken, edge))
    guard inversion == nil, let against = path(from: taken, to: held) else { return }
    inversion = Inversion(edge: edge, against: against, step: step)
  }

  /// The last edge of a path, if there is one.
  private func path(from start: Int32, to end: Int32) -> Edge? {
    var found: Set<Int32> = [start]
    var queue = [start]
    while let lock = queue.popLast() {
      for (next, edge) in edges[lock, default: []] {
        if next == end { return edge }
        if found.insert(next).inserted { queue.append(next) }
      }
    }
    return nil
  }
}
