import MachineModel
import Workloads

/// A workload that runs on Linux and on our image alike: a line of `Platforms/s390x/Linux/plan`.
struct PlannedWorkload: Equatable, Sendable {
  /// What it is called in options and rows.
  var name: String
  /// The requests in flight.
  var depth: Int
  /// Sizes of requests.
  var sizes: [RoundPlan.Size]
  /// The share of writes in per cent.
  var writePercent: UInt32
  /// Whether each request has a buffer that was not used for long.
  var isFresh: Bool
  /// The requests of a whole run.
  var requests: UInt64

  /// The workloads of a plan, in its order; `path` is for errors.
  ///
  /// Throws: `malformed` at the first word that cannot be understood.
  static func plan(_ text: String, path: String) throws(ToolError) -> [PlannedWorkload] {
    var workloads: [PlannedWorkload] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      guard let workload = PlannedWorkload(line: line) else {
        throw .malformed(
          path: path, line: index + 1, column: 1,
          "expected a name, a depth, sizes, writes, back or fresh, and a count")
      }
      workloads.append(workload)
    }
    return workloads
  }

  private init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 6, let depth = Int(words[1]), let writes = UInt32(words[3]),
      words[4] == "back" || words[4] == "fresh", let requests = UInt64(words[5])
    else { return nil }
    let sizes = words[2].split(separator: ",").compactMap { word -> RoundPlan.Size? in
      let parts = word.split(separator: ":").compactMap { UInt32($0) }
      guard parts.count == 2, parts[0] <= 1 << 20 else { return nil }
      return RoundPlan.Size(blocks: parts[0] * Self.blocksPerKiB, weight: parts[1])
    }
    name = String(words[0])
    self.depth = depth
    self.sizes = sizes
    writePercent = writes
    isFresh = words[4] == "fresh"
    self.requests = requests
    if sizes.count != words[2].split(separator: ",").count || !rounds(seed: 1).isValid {
      return nil
    }
  }

  private static let blocksPerKiB = UInt32(1_024 / BlockPattern.blockBytes)

  /// The rounds in which our image does it.
  func rounds(seed: UInt64) -> RoundPlan {
    RoundPlan(
      depth: depth, sizes: sizes, writePercent: writePercent,
      buffersPerPlace: isFresh ? RoundPlan.freshBuffersPerPlace : 1, seed: seed,
      blockCount: RoundPlan.diskBlocks)
  }

  /// What it does, in a few words.
  var summary: String {
    let sizes =
      sizes.map { size in
        "\(size.blocks / Self.blocksPerKiB) KiB" + (size.weight > 1 ? " x \(size.weight)" : "")
      }.joined(separator: ", ")
    return "\(name): \(sizes), \(depth) in flight"
      + (writePercent > 0 ? ", \(writePercent) % writes" : "")
      + (isFresh ? ", fresh buffers" : ", buffers come back")
  }
}
