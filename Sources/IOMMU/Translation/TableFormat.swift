/// The bits of one kind of translation table: what a level indexes and how an entry is written.
///
/// Level 0 holds leaves; the root is level `levels - 1`. Entries are 64 bits wide and are passed as
/// numbers; byte order in memory is the ``TableMemory``'s concern.
public protocol TableFormat: Sendable {
  /// The page size.
  static var granule: Granule { get }

  /// The number of levels, 1 or more.
  static var levels: Int { get }

  /// The number of address bits that a table of `level` indexes; it has 2 to that power entries.
  static func indexBits(level: Int) -> UInt8

  /// The binary logarithm of the alignment in bytes that a table of `level` needs.
  static func alignmentLog2(level: Int) -> UInt8

  /// The entry that translates nothing, as a table of `level` is filled with at first.
  static func invalidEntry(level: Int) -> UInt64

  /// The entry of `level` (1 or more) that points at the table `child` of the level below.
  static func tableEntry(level: Int, child: PhysicalAddress) -> UInt64

  /// The leaf entry for the page at `physical`, which is aligned to the granule.
  ///
  /// From one page to the next, with the same permission, entries differ by the same number.
  static func leafEntry(_ physical: PhysicalAddress, _ permission: DevicePermission) -> UInt64

  /// Whether the hardware would follow or use `entry` of a table of `level`.
  static func isValid(_ entry: UInt64, level: Int) -> Bool

  /// The table that a valid entry of `level` (1 or more) points at.
  static func child(of entry: UInt64, level: Int) -> PhysicalAddress

  /// The page that a valid leaf entry gives.
  static func physical(of leaf: UInt64) -> PhysicalAddress

  /// What a valid leaf entry lets the device do.
  static func permission(of leaf: UInt64) -> DevicePermission

  /// The highest byte that a leaf entry can give.
  static var physicalLimit: PhysicalAddress { get }

  /// A bit that is set in every invalid leaf entry and clear in every valid one, or 0.
  ///
  /// With one, all entries of a range are looked at together.
  static var invalidLeafBit: UInt64 { get }
}

extension TableFormat {
  /// There is no such bit: each entry is looked at by itself.
  @inlinable public static var invalidLeafBit: UInt64 { 0 }
}

/// What a device may do to the memory behind a translation.
@frozen
public struct DevicePermission: Equatable, Sendable, BitwiseCopyable {
  /// Whether the device may write; it may always read, since s390 cannot forbid that.
  public let allowsWrite: Bool

  @inlinable
  init(allowsWrite: Bool) {
    self.allowsWrite = allowsWrite
  }

  /// The device may read.
  @inlinable
  public static var read: DevicePermission { DevicePermission(allowsWrite: false) }

  /// The device may read and write.
  @inlinable
  public static var readWrite: DevicePermission { DevicePermission(allowsWrite: true) }
}
