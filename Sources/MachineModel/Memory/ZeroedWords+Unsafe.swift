#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A block of integers that are zero at first and taken from the host only when touched.
///
/// For arrays over a device's whole aperture, of which a run may touch little. Indices are checked.
@safe
struct ZeroedWords<Element: FixedWidthInteger & BitwiseCopyable & Sendable>: ~Copyable,
  @unchecked Sendable
{
  private let unsafeBase: UnsafeMutablePointer<Element>

  /// The number of integers.
  let count: Int

  /// Holds `count` zeros.
  init(count: Int) {
    precondition(count >= 0, "a block has zero or more integers")
    self.count = count
    // SAFETY: (1) `calloc` gives zeroed memory for `count` elements, and all bits zero is the
    // integer 0; (2) it is aligned for any plain value; (3) it is freed once, by `deinit`.
    guard let base = unsafe calloc(max(count, 1), MemoryLayout<Element>.stride) else {
      preconditionFailure("the host has no room for the machine's tables")
    }
    unsafe unsafeBase = base.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  deinit {
    // SAFETY: the block came from `calloc`, and nobody borrows it now.
    unsafe free(unsafeBase)
  }

  /// The integer at `index`, from 0 up to but not including `count`.
  subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of block")
      // SAFETY: the index was checked against the number of elements.
      return unsafe unsafeBase[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of block")
      // SAFETY: the index was checked against the number of elements.
      unsafe unsafeBase[index] = newValue
    }
  }
}
