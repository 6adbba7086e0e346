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

  /// The addresses that a token stands for.
  static func addresses(of token: borrowing Token) -> IOVARange

  /// The invalidations that were issued up to now.
  var invalidations: UInt64 { get }

  /// The bytes that translation tables take now.
  var tableBytes: Int { get }

  /// The bytes of the heap that stand in for the memory which tables lie in.
  var arenaBytes: UInt64 { get }
}

/// No address, or no memory for a table, was to be had.
struct NothingFree: Error {}
