public import IOMMU

/// What the blocks of a test disk hold: words that tell which block they are of, which version of
/// it, and where in it, so that a stray, stale, torn or lost transfer shows.
///
/// Word `index` of a block is ``first(lba:version:)`` plus `index` times ``step``, as 64-bit
/// little-endian numbers. Version 0 is what a disk holds before it is written.
public enum BlockPattern {
  /// The step from one word of a block to the next: 2 to the power 64 over the golden ratio, odd.
  @inlinable public static var step: UInt64 { 0x9e37_79b9_7f4a_7c15 }

  /// The bytes of a block.
  @inlinable public static var blockBytes: UInt64 { 512 }

  /// The first word of block `lba` after it was written `version` times.
  ///
  /// Versions beyond 2 to the power 20 come round again.
  @inlinable
  public static func first(lba: UInt64, version: UInt64) -> UInt64 {
    mix(lba &+ version &<< 44)
  }

  /// A mix in which every bit depends on all: the finaliser of SplitMix64 (Steele, Lea and Flood,
  /// 2014, figure 16).
  @inlinable
  public static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ step
    mixed = (mixed ^ (mixed &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed &>> 31)
  }

  /// Writes version `version` of block `lba` to `address`.
  @inlinable
  public static func write<Memory: BufferMemory>(
    lba: UInt64, version: UInt64, to memory: Memory, at address: PhysicalAddress
  ) {
    var word = first(lba: lba, version: version)
    for index in 0..<blockBytes / 8 {
      memory.storeLittle64(word, at: PhysicalAddress(address.rawValue &+ index &* 8))
      word &+= step
    }
  }

  /// Whether `address` holds version `version` of block `lba`.
  @inlinable
  public static func isRight<Memory: BufferMemory>(
    lba: UInt64, version: UInt64, in memory: Memory, at address: PhysicalAddress
  ) -> Bool {
    var word = first(lba: lba, version: version)
    for index in 0..<blockBytes / 8 {
      if memory.loadLittle64(at: PhysicalAddress(address.rawValue &+ index &* 8)) != word {
        return false
      }
      word &+= step
    }
    return true
  }

  /// Spoils a block in memory, so that one that a device did not write shows.
  @inlinable
  public static func spoil<Memory: BufferMemory>(_ memory: Memory, at address: PhysicalAddress) {
    for index in 0..<blockBytes / 8 {
      memory.storeLittle64(
        0xdbdb_dbdb_dbdb_dbdb, at: PhysicalAddress(address.rawValue &+ index &* 8))
    }
  }
}
