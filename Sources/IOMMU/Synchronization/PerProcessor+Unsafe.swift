/// `each` elements for each processor, whose number is rounded up to a power of two.
///
/// A processor's number is taken modulo that, so that any number finds elements, and a look at them
/// needs no check: processors beyond share with others. Sharing is the owner's business, as with
/// ``FixedStorage``.
@frozen
@usableFromInline
@safe
struct PerProcessor<let each: Int, Element: ~Copyable>: ~Copyable, @unchecked Sendable {
  @usableFromInline let unsafeBase: UnsafeMutablePointer<Element>

  /// The number of processors told apart, a power of two, less one.
  @usableFromInline let mask: Int

  /// Elements for `processors` processors, 1 or more, each made by `element`.
  ///
  /// Allocates: once, here.
  @inlinable
  init(processors: Int, element: () -> Element) {
    precondition(processors > 0 && processors <= 1 << 16, "1 to 65,536 processors")
    precondition(each > 0, "a processor has an element or more")
    let count = 1 &<< (Int.bitWidth &- (processors &- 1).leadingZeroBitCount)
    mask = count &- 1
    // SAFETY: (1) the block holds all elements; (2) each is initialised exactly once.
    let bytes = count &* each &* MemoryLayout<Element>.stride
    // Whole lines, and pairs of lines that are fetched together.
    unsafe unsafeBase = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128)
      .bindMemory(to: Element.self, capacity: count &* each)
    for index in 0..<(count &* each) { unsafe (unsafeBase + index).initialize(to: element()) }
  }

  deinit {
    // SAFETY: (1) all elements were initialised by `init`; (2) nobody borrows them now.
    unsafe unsafeBase.deinitialize(count: (mask &+ 1) &* each)
    unsafe unsafeBase.deallocate()
  }

  /// The number of processors that are told apart.
  @inlinable
  var count: Int { mask &+ 1 }

  /// Which processor's elements serve `cpu`.
  @inlinable
  func slot(of cpu: CPUIndex) -> Int { cpu.rawValue & mask }

  /// Where the first element of the processor in `slot` is, for ``subscript(at:)``.
  @inlinable
  func place(of slot: Int) -> UInt {
    // SAFETY: only the address is kept.
    unsafe UInt(bitPattern: unsafeBase + (slot & mask) &* each)
  }

  /// Which processor's elements are at `place`.
  @inlinable
  func slot(at place: UInt) -> Int {
    // SAFETY: only addresses are compared.
    unsafe Int(bitPattern: place &- UInt(bitPattern: unsafeBase))
      / (MemoryLayout<Element>.stride &* each)
  }

  /// The element at a place that ``place(of:)`` gave.
  @inlinable
  subscript(at place: UInt) -> Element {
    unsafeAddress {
      // SAFETY: places come from `place(of:)` alone, of elements that last as long as this.
      return unsafe UnsafePointer<Element>(bitPattern: place).unsafelyUnwrapped
    }
  }

  /// Element `index` of the processor in `slot`, taken modulo their number.
  @inlinable
  subscript(slot: Int, index: Int = 0) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: each), "no such element")
      // SAFETY: masked, the slot is one of those that were allocated; the index was checked.
      return unsafe UnsafePointer(unsafeBase + ((slot & mask) &* each &+ index))
    }
    nonmutating unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: each), "no such element")
      // SAFETY: as above.
      return unsafe unsafeBase + ((slot & mask) &* each &+ index)
    }
  }
}
