/// Leases: entries that are written without being counted.
///
/// A lease stands for 256 neighbouring pages, and counts as one live entry of their leaf table, so
/// that the table stays. Its holder writes those of the entries that it knows nobody else to write,
/// by ``TableMemory/exchangeEntry(_:in:index:)``: an exchange for each page and nothing besides.
/// Pages mapped in the ordinary way, and counted, may lie between them.
extension TranslationTable {
  /// Whether this format's leaf tables are large enough.
  @inlinable
  static var canLease: Bool { entriesPerLeaf >= LeafHandle.entryCount }

  /// The most that a directory word counts: every entry, and every lease.
  @inlinable
  static var countLimit: UInt64 { entriesPerLeaf &+ entriesPerLeaf / LeafHandle.entryCount }

  /// Takes the lease of the 256 pages around `address`, which lies in the aperture, and makes their
  /// leaf table if there is none.
  ///
  /// Nobody else holds it. Throws: ``TableError/noMemory(_:)``; nothing changed then. Allocates:
  /// tables only. Invalidates: nothing.
  @inlinable
  borrowing func lease(around address: IOVA) throws(TableError) -> LeafHandle {
    let span = (LeafHandle.entryCount &<< UInt64(Format.granule.log2)) &- 1
    let first = address.rawValue & ~span
    let word = try enter(
      spanIndex(address), pages: 1, for: IOVARange(ordered: IOVA(first), IOVA(first | span)))
    return memory.leafHandle(at: Self.leafEntryAddress(first, in: word & Self.addressMask))
  }

  /// Gives a lease back, none of whose entries is valid any more.
  @inlinable
  borrowing func endLease(around address: IOVA) {
    leave(spanIndex(address), pages: 1)
  }

  /// What an explorer of interleavings calls the entries of a lease.
  @inlinable
  borrowing func entries(of leaf: LeafHandle) -> SharedObject {
    Self.entries(at: memory.address(of: leaf))
  }

  /// Where the entry of a leased page lies, for observers of cache lines.
  @inlinable
  borrowing func slot(of page: OpenPage) -> UInt64 {
    memory.address(of: page.leaf).rawValue &+ (page.index & (Self.entriesPerLeaf &- 1)) &<< 3
  }
}
