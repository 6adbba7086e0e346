public import Workloads

extension RoundPlan {
  /// The blocks of the disk that rounds work on: 64 MiB.
  public static let diskBlocks: UInt64 = 131_072

  /// The buffers of a place where each request shall have a fresh one: none comes back within as
  /// many rounds.
  public static let freshBuffersPerPlace = 48

  /// The rounds before a measurement.
  public static let warmUp = 8

  /// The rounds that do what `workload` asks for; `nil` for one that rounds cannot do.
  public init?(_ workload: Workload, seed: UInt64) {
    self.init(
      depth: workload.depth,
      sizes: workload.sizes.map {
        Size(
          blocks: UInt32(clamping: $0.byteCount / BlockPattern.blockBytes),
          weight: UInt32(clamping: $0.weight))
      },
      writePercent: UInt32(clamping: workload.writePercent),
      buffersPerPlace: workload.buffers == .fresh ? Self.freshBuffersPerPlace : 1, seed: seed,
      blockCount: Self.diskBlocks, pageOffsets: workload.pageOffsets)
    if !isValid { return nil }
  }

  /// The rounds that `requests` requests make, rounded up.
  public func rounds(for requests: UInt64) -> Int {
    Int((requests + UInt64(depth) - 1) / UInt64(depth))
  }
}
