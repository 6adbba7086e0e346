import Workloads

/// What an NVMe device has stored: a pattern where nobody wrote, and what was written elsewhere.
///
/// The pattern of block `lba` is 64-bit little-endian words: word `index` is ``mix(_:)`` of `lba`
/// plus `index` times 0x9e3779b97f4a7c15. So any word tells which block it is of and where in it,
/// and a stray or stale transfer shows. A block that is written with its own pattern takes no
/// memory.
public struct NVMeMedia {
  /// The step from one word of a block to the next: 2 to the power 64 over the golden ratio, odd.
  public static let step = BlockPattern.step

  /// The number of 64-bit words of a block.
  public let wordsPerBlock: Int

  /// The blocks that were written, as words in the processor's order.
  private var written: [UInt64: [UInt64]] = [:]

  /// A medium of blocks of 2 to the power `blockLog2` bytes.
  public init(blockLog2: UInt8) {
    wordsPerBlock = 1 << (Int(blockLog2) - 3)
  }

  /// The number of blocks that take memory.
  public var writtenBlocks: Int { written.count }

  /// The first word of the pattern of block `lba`: a mix in which every bit depends on all.
  public static func mix(_ lba: UInt64) -> UInt64 { BlockPattern.mix(lba) }

  /// Puts block `lba` into `words` from `position` on, as little-endian memory has it.
  ///
  /// - Precondition: there is room for a block.
  public func read(_ lba: UInt64, into words: inout MutableSpan<UInt64>, at position: Int) {
    if !written.isEmpty, let block = written[lba] {
      for index in 0..<wordsPerBlock { words[position + index] = block[index] }
      return
    }
    Self.fill(&words, at: position, count: wordsPerBlock, from: Self.mix(lba))
  }

  /// Takes block `lba` from `words` from `position` on, as little-endian memory has it.
  ///
  /// - Precondition: there is a whole block.
  public mutating func write(_ lba: UInt64, from words: Span<UInt64>, at position: Int) {
    if Self.matches(words, at: position, count: wordsPerBlock, from: Self.mix(lba)) {
      if !written.isEmpty { written[lba] = nil }
      return
    }
    var block: [UInt64] = []
    block.reserveCapacity(wordsPerBlock)
    for index in 0..<wordsPerBlock { block.append(words[position + index]) }
    written[lba] = block
  }

  /// Whether `words` from `position` on is the pattern of block `lba`, as little-endian memory has
  /// it.
  ///
  /// - Precondition: there is a whole block.
  public func isPattern(of lba: UInt64, _ words: Span<UInt64>, at position: Int) -> Bool {
    Self.matches(words, at: position, count: wordsPerBlock, from: Self.mix(lba))
  }
}
