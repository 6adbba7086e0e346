/// A block of elements whose number is fixed at creation; the one place where the core owns memory.
///
/// Every access checks its index. Sharing between processors is the owner's business: elements
/// that several may touch are atomics, or lie behind a lock.
@frozen
@safe
public struct FixedStorage<Element: ~Copyable>: ~Copyable, @unchecked Sendable {
  @usableFromInline
  let unsafeBase: UnsafeMutablePointer<Element>

  /// The number of elements.
  public let count: Int

  /// Holds `count` elements, each made by `element`.
  ///
  /// Allocates: once, here.
  @inlinable
  public init(count: Int, element: (Int) -> Element) {
    precondition(count >= 0, "FixedStorage needs a count of zero or more")
    self.count = count
    // SAFETY: (1) the block holds `count` elements; (2) each is initialised exactly once below.
    // It begins with a cache line, so that which elements share one is the same in every run.
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    unsafe unsafeBase = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: max(64, MemoryLayout<Element>.alignment)
    ).bindMemory(to: Element.self, capacity: max(count, 1))
    var index = 0
    while index < count {
      unsafe (unsafeBase + index).initialize(to: element(index))
      index &+= 1
    }
  }

  deinit {
    // SAFETY: (1) all `count` elements were initialised by `init`; (2) nobody borrows them now.
    unsafe unsafeBase.deinitialize(count: count)
    unsafe unsafeBase.deallocate()
  }

  /// The element at `index`, from 0 up to but not including `count`.
  @inlinable
  public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of storage")
      // SAFETY: the index was checked against the number of initialised elements.
      return unsafe UnsafePointer(unsafeBase + index)
    }
    nonmutating unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of storage")
      // SAFETY: the index was checked against the number of initialised elements.
      return unsafe unsafeBase + index
    }
  }
}
