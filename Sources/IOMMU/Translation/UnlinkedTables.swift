/// Leaf tables that are out of the hardware table but that a device may still walk, from its
/// caches.
///
/// Give it to ``TranslationTable/cover(_:)``, or to ``TranslationTable/free(_:)``, once an
/// invalidation that began later has covered ``range``. If it is dropped, or that invalidation
/// fails, its tables stay quarantined: they are counted in ``TranslationTable/tablesUnlinked`` and
/// freed only when the table is destroyed.
@frozen
public struct UnlinkedTables: ~Copyable, Sendable {
  /// The spans whose tables they are.
  @usableFromInline let chain: TableChain

  /// The device addresses that the tables were for, or `nil` for no tables: an invalidation must
  /// cover this although no page of it was mapped.
  public let range: IOVARange?

  /// Whose tables they are.
  @usableFromInline let root: PhysicalAddress

  @inlinable
  init(_ chain: TableChain, range: IOVARange?, root: PhysicalAddress) {
    self.chain = chain
    self.range = range
    self.root = root
  }

  /// The number of tables.
  @inlinable
  public var count: Int { chain.count }
}
