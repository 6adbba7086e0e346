/// What is asked of a device in rounds: so many requests at once, then none until all are done.
///
/// How many invalidations rounds take does not depend on how fast a device or processor is, as that
/// of a loop does that goes on as completions come. The same plan gives the same requests.
public struct RoundPlan: Equatable, Sendable {
  /// One size of request.
  public struct Size: Equatable, Sendable {
    /// The blocks of a request.
    public var blocks: UInt32
    /// How often it comes, relative to the other sizes.
    public var weight: UInt32

    /// Requests of `blocks` blocks, `weight` times as often as those of weight 1.
    public init(blocks: UInt32, weight: UInt32) {
      self.blocks = blocks
      self.weight = weight
    }
  }

  /// The most sizes that a plan has.
  public static var sizesMax: Int { 8 }

  /// The requests of a round, 1 or more.
  public var depth: Int

  /// The sizes of requests, 1 to ``sizesMax``.
  public var sizes: [Size]

  /// The share of writes, in per cent.
  public var writePercent: UInt32

  /// The buffers of each place in a round, used in turn: 1 where buffers come back at once.
  public var buffersPerPlace: Int

  /// How many bytes into their memory buffers begin, in turn: 1 to ``sizesMax``, multiples of 4,
  /// and 0 alone but for packets that do not begin with a page.
  public var pageOffsets: [UInt64]

  /// What decides sizes, blocks and directions.
  public var seed: UInt64

  /// The blocks of the disk that are used, from ``firstBlock`` on.
  public var blockCount: UInt64

  /// The first block of the disk that is used.
  public var firstBlock: UInt64 = 0

  /// A plan of rounds.
  public init(
    depth: Int, sizes: [Size], writePercent: UInt32, buffersPerPlace: Int, seed: UInt64,
    blockCount: UInt64, pageOffsets: [UInt64] = [0]
  ) {
    self.depth = depth
    self.sizes = sizes
    self.writePercent = writePercent
    self.buffersPerPlace = buffersPerPlace
    self.pageOffsets = pageOffsets
    self.seed = seed
    self.blockCount = blockCount
  }

  /// Whether it can be carried out: something is asked for, and each place has room on the disk.
  public var isValid: Bool {
    depth >= 1 && depth <= 4_095 && sizes.count >= 1 && sizes.count <= Self.sizesMax
      && writePercent <= 100 && buffersPerPlace >= 1 && buffersPerPlace <= 4_096
      && sizes.allSatisfy { $0.blocks >= 1 && $0.blocks <= 65_536 && $0.weight >= 1 }
      && pageOffsets.count >= 1 && pageOffsets.count <= Self.sizesMax
      && pageOffsets.allSatisfy { $0 % 4 == 0 && $0 < 1 << 20 }
      && blockCount / UInt64(depth) >= UInt64(longestRequest) && blockCount <= 1 << 40
      && firstBlock <= 1 << 40
  }

  /// The blocks of the longest request.
  public var longestRequest: UInt32 {
    var longest: UInt32 = 1
    for size in sizes where size.blocks > longest { longest = size.blocks }
    return longest
  }

  /// The bytes of memory that a buffer needs.
  public var slotBytes: UInt64 {
    var most: UInt64 = 0
    for offset in pageOffsets where offset > most { most = offset }
    return most + UInt64(longestRequest) * BlockPattern.blockBytes
  }

  /// How many bytes into its memory the buffer of a place's request number `turn` begins.
  public func offset(turn: UInt64) -> UInt64 {
    pageOffsets[Int(turn % UInt64(pageOffsets.count))]
  }

  /// Request number `number`, which is place `number` modulo the depth of its round.
  ///
  /// Each place has a part of the disk of its own, so that requests of a round never meet.
  public func request(_ number: UInt64) -> RoundRequest {
    let first = BlockPattern.mix(seed &+ number &* 3)
    let second = BlockPattern.mix(seed &+ number &* 3 &+ 1)
    let third = BlockPattern.mix(seed &+ number &* 3 &+ 2)
    let place = number % UInt64(depth)
    let blocks = size(of: first)
    let region = blockCount / UInt64(depth)
    let slots = region / UInt64(blocks)
    let slot = second.multipliedFullWidth(by: slots).high
    return RoundRequest(
      place: Int(place), lba: firstBlock + place * region + slot * UInt64(blocks), blocks: blocks,
      isWrite: third % 100 < UInt64(writePercent))
  }

  private func size(of random: UInt64) -> UInt32 {
    if sizes.count == 1 { return sizes[0].blocks }
    var sum: UInt64 = 0
    for size in sizes { sum += UInt64(size.weight) }
    var rest = random % sum
    for size in sizes {
      if rest < UInt64(size.weight) { return size.blocks }
      rest -= UInt64(size.weight)
    }
    return sizes[0].blocks
  }
}

/// One request of a plan.
public struct RoundRequest: Equatable, Sendable {
  /// Its place in the round, from 0.
  public var place: Int
  /// Its first block.
  public var lba: UInt64
  /// The number of its blocks.
  public var blocks: UInt32
  /// Whether the disk is written.
  public var isWrite: Bool
}
