/// Leases: entries that are written without being counted.
///
/// A lease stands for 256 neighbouring pages, and counts in the word of their leaf table, so that
/// the table stays: for one more than all of its pages, so that the two can be told apart. Its
/// holder writes those of the entries that it knows nobody else to write, by
/// ``TableMemory/exchangeEntry(_:in:index:)``: an exchange for each page and nothing besides.
/// Pages mapped in the ordinary way, and counted, may lie between them.
extension TranslationTable {
  /// Whether this format's leaf tables are large enough, and no larger than can be counted.
  @inlinable
  static var canLease: Bool {
    // The word has room for two besides the pages.
    leasesPerLeaf >= 1 && leasesPerLeaf <= 2
  }

  /// How many leases a leaf table can have.
  @inlinable
  static var leasesPerLeaf: UInt64 { entriesPerLeaf / LeafHandle.entryCount }

  /// What a directory word counts for a lease: one more than it does for pages.
  @inlinable
  static var leaseWeight: UInt64 { entriesPerLeaf &+ 1 }

  /// The number of live pages in a directory word, without leases.
  @inlinable
  @inline(__always)
  static func livePages(_ word: UInt64) -> UInt64 {
    let count = word & countMask
    // What a division by a constant takes is twice as much.
    if leasesPerLeaf == 1 { return count < leaseWeight ? count : count &- leaseWeight }
    return count % leaseWeight
  }

  /// Whether a leaf table has so many pages that are not mapped; mostly it has no lease.
  @inlinable
  @inline(__always)
  static func hasRoom(_ word: UInt64, for pages: UInt64) -> Bool {
    if (word & countMask) &+ pages <= entriesPerLeaf { return true }
    return livePages(word) &+ pages <= entriesPerLeaf
  }

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
      spanIndex(address), pages: 0, leases: 1,
      for: IOVARange(ordered: IOVA(first), IOVA(first | span)))
    return memory.leafHandle(at: Self.leafEntryAddress(first, in: word & Self.addressMask))
  }

  /// Gives a lease back, none of whose entries is valid any more.
  @inlinable
  borrowing func endLease(around address: IOVA) {
    leave(spanIndex(address), pages: Self.leaseWeight)
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
