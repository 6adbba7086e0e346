import IOMMU

/// What a pattern is run on: something that gives out tokens for pages and takes them back.
protocol Subject: Sendable {
  /// Proof that pages are taken, until it is given back.
  associatedtype Token: ~Copyable

  /// Takes `pages` consecutive pages; number `buffer` says for which memory.
  ///
  /// Throws: where there are none, with nothing changed.
  func take(_ pages: UInt64, buffer: UInt64, on cpu: CPUIndex) throws(NothingFree) -> Token

  /// Gives pages back.
  func give(_ token: consuming Token, on cpu: CPUIndex)

  /// The invalidations that were issued up to now.
  var invalidations: UInt64 { get }
}

/// No address, or no memory for a table, was to be had.
struct NothingFree: Error {}
