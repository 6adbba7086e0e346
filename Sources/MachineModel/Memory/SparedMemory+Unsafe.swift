#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// Memory of small machines that are gone, zero again, for those that come.
///
/// Exploring makes a machine for each of many hundred thousand schedules: to have pages from the
/// system and to give them back would cost as much as all else that a schedule does.
enum SparedMemory {
  /// Whoever takes it off the list is the only one who has it.
  @safe
  private struct Block: @unchecked Sendable {
    let unsafeBase: UnsafeMutableRawPointer
    let byteCount: UInt64
  }

  private static let blocks = Mutex<[Block]>([])
  /// No more than run side by side.
  private static let blocksMax = 16

  /// Whether memory of `byteCount` bytes is worth keeping: a power of two, 256 KiB to 16 MiB.
  static func takes(_ byteCount: UInt64) -> Bool {
    byteCount >= 1 << 18 && byteCount <= 1 << 24 && byteCount & (byteCount - 1) == 0
  }

  /// Memory of `byteCount` bytes, all zero; `nil` where none is kept.
  static func take(_ byteCount: UInt64) -> UnsafeMutableRawPointer? {
    let block = blocks.withLock { blocks in
      blocks.lastIndex { $0.byteCount == byteCount }.map { blocks.remove(at: $0) }
    }
    // SAFETY: it was taken off the list: nobody else has it.
    return unsafe block.map { unsafe $0.unsafeBase }
  }

  /// Keeps memory that is all zero; `false` where there is enough, and it stays the caller's.
  static func give(_ base: UnsafeMutableRawPointer, _ byteCount: UInt64) -> Bool {
    // SAFETY: the caller has it no more.
    let block = unsafe Block(unsafeBase: base, byteCount: byteCount)
    return blocks.withLock { blocks in
      if blocks.count >= blocksMax { return false }
      blocks.append(block)
      return true
    }
  }
}
