/// Leaf tables that are out of the hardware table but that a device may still walk, from its
/// caches.
///
/// Give it to ``TranslationTable/free(_:)`` once an invalidation that began later has covered
/// ``range``. If it is dropped, or that invalidation fails, its tables stay quarantined: they are
/// counted in ``TranslationTable/tablesUnlinked`` and freed only when the table is destroyed.
@frozen
public struct UnlinkedTables: ~Copyable, Sendable {
  /// The number of tables.
  public let count: Int

  /// The device addresses that the tables were for, or `nil` for no tables: an invalidation must
  /// cover this although no page of it was mapped.
  public let range: IOVARange?

  /// The first span of the chain.
  @usableFromInline let head: UInt32

  /// Whose tables they are.
  @usableFromInline let root: PhysicalAddress

  @inlinable
  init(count: Int, range: IOVARange?, head: UInt32, root: PhysicalAddress) {
    self.count = count
    self.range = range
    self.head = head
    self.root = root
  }
}
