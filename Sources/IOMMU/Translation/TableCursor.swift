/// A range whose pages are counted in and are being filled in order, with the leaf table at hand.
///
/// Having one proves that the range has all its tables and that nobody had mapped any page of it,
/// so that filling it cannot run out of memory. It does not prove that any of it is mapped yet.
/// Give it to ``TranslationTable/commit(_:)`` or ``TranslationTable/abandon(_:gather:)``; if it is
/// dropped, what was written stays mapped and the tables stay until the translation table is
/// destroyed.
@frozen
public struct TableCursor: ~Copyable, Sendable {
  /// The range to fill.
  public let range: IOVARange

  /// The number of pages that are not written yet: the last ones of ``range``.
  @inlinable
  public var pagesLeft: PageCount { PageCount(left) }

  @usableFromInline var left: UInt64

  /// The address of the next page; meaningless when no page is left.
  @usableFromInline var next: UInt64

  /// The leaf table of the next page; 0 when it is to be found in the directory.
  @usableFromInline var leaf: UInt64

  @inlinable
  init(range: IOVARange, pages: UInt64) {
    self.range = range
    left = pages
    next = range.first.rawValue
    leaf = 0
  }
}
