import IOMMU
import Workloads

/// What every block of the disk has to hold: the device's own pattern, or what was written last.
///
/// A write stores the pattern of a block that does not exist, numbered by how often this block was
/// written, so that a lost, torn or misplaced write shows as plainly as a stray read.
struct WrittenBlocks {
  private static let blockBytes = 512
  private static let words = blockBytes / 8

  private var generations: [UInt64: UInt64] = [:]
  private var scratch = WordBuffer()

  /// Fills the buffer of a write with what its blocks are to hold.
  mutating func fill(_ request: Request, in memory: MachineMemory) {
    prepare(request)
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let first = Self.firstWord(lba, (generations[lba] ?? 0) + 1)
      scratch.fill(at: Int(block) * Self.words, count: Self.words, from: first)
    }
    scratch.write(to: request.buffer.first, in: memory)
  }

  /// Notes that a write was completed; its buffer must still hold what was sent.
  mutating func commit(_ request: Request) -> Bool {
    for block in 0..<UInt64(request.blocks) { generations[request.lba + block, default: 0] += 1 }
    return true
  }

  /// Whether a read brought what its blocks hold.
  mutating func verify(_ request: Request, in memory: MachineMemory) -> Bool {
    prepare(request)
    scratch.read(from: request.buffer.first, in: memory)
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let generation = generations.isEmpty ? 0 : generations[lba] ?? 0
      let isRight = scratch.matches(
        at: Int(block) * Self.words, count: Self.words, from: Self.firstWord(lba, generation))
      if !isRight { return false }
    }
    return true
  }

  private mutating func prepare(_ request: Request) {
    scratch.resize(to: Int(request.blocks) * Self.words)
  }

  private static func firstWord(_ lba: UInt64, _ generation: UInt64) -> UInt64 {
    BlockPattern.first(lba: lba, version: generation)
  }
}
