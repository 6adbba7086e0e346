/// Whether map and unmap look at each entry before they change it: a choice made when compiling.
///
/// Either way the count of live entries in each leaf table is checked, so that a table never counts
/// more pages than it holds, nor fewer than none.
public protocol EntryChecking: Sendable {
  /// Whether entries are read before they are written.
  static var verifiesEntries: Bool { get }
}

/// Reads each entry first: an overlap, or an unmap of what is not mapped, is always found.
///
/// Costs about ten instructions for each page, in the cache line that is about to be written. Runs
/// into an empty leaf table, and out of a full one, are checked by its count alone, for nothing.
/// What two processors do to one page at the same time is not found.
public enum VerifiedEntries: EntryChecking {
  /// Entries are read.
  @inlinable public static var verifiesEntries: Bool { true }
}

/// Trusts the caller: for ranges that come from an allocator and are guarded by a token.
///
/// If the caller is wrong, a map replaces the older translation, and the table's counts no longer
/// tell the truth: a leaf table may be given up while it still translates something.
public enum TrustedEntries: EntryChecking {
  /// Entries are not read.
  @inlinable public static var verifiesEntries: Bool { false }
}
