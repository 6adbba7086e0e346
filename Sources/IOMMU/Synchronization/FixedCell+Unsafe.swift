/// One element at a place of its own, which whoever borrows the owner may change.
///
/// As ``FixedStorage`` with a count of one, but a look at it needs no check of an index. Sharing
/// between processors is the owner's business: the element lies behind a lock.
@frozen
@usableFromInline
@safe
struct FixedCell<Element: ~Copyable>: ~Copyable, @unchecked Sendable {
  @usableFromInline let unsafeBase: UnsafeMutablePointer<Element>

  /// Holds `element`.
  ///
  /// Allocates: once, here.
  @inlinable
  init(_ element: consuming Element) {
    // SAFETY: room for one element, which is initialised exactly once. It begins with a cache line,
    // so that what shares one is the same in every run.
    unsafe unsafeBase = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<Element>.stride,
      alignment: max(64, MemoryLayout<Element>.alignment)
    ).bindMemory(to: Element.self, capacity: 1)
    unsafe unsafeBase.initialize(to: element)
  }

  deinit {
    // SAFETY: (1) it was initialised by `init`; (2) nobody borrows it now.
    unsafe unsafeBase.deinitialize(count: 1)
    unsafe unsafeBase.deallocate()
  }

  /// The element.
  @inlinable
  var value: Element {
    unsafeAddress {
      // SAFETY: initialised for as long as the cell lives.
      unsafe UnsafePointer(unsafeBase)
    }
    nonmutating unsafeMutableAddress {
      // SAFETY: initialised for as long as the cell lives.
      unsafe unsafeBase
    }
  }
}
