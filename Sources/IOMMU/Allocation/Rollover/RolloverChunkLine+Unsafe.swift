public import Synchronization

/// The first cache line of a chunk, as retiring one of its pages without its lock needs it.
///
/// Valid as long as the chunks.
@usableFromInline
@safe
struct RolloverChunkLine: @unchecked Sendable {
  @usableFromInline let unsafeStart: UnsafeMutableRawPointer

  @inlinable
  @inline(__always)
  init(unsafeStart: UnsafeMutableRawPointer) {
    // SAFETY: only kept.
    unsafe self.unsafeStart = unsafeStart
  }

  /// The line at a place that one of the allocator's pages had, which is still there.
  @inlinable
  @inline(__always)
  init(at place: OpenPagePlace) {
    // SAFETY: places are made below alone, from pointers to chunks; a domain takes only those in
    // its own tokens, and has its allocator for as long as it is there itself.
    unsafe unsafeStart =
      UnsafeMutableRawPointer(bitPattern: UInt(place.rawValue)).unsafelyUnwrapped
  }

  /// The line, as its pages' tokens carry it.
  @inlinable
  @inline(__always)
  var place: OpenPagePlace {
    // SAFETY: only the address is kept.
    unsafe OpenPagePlace(rawValue: UInt64(UInt(bitPattern: unsafeStart)))
  }

  /// The stale pages of word `word`, taken modulo 4: see ``RolloverChunks/subscript(staleOf:)``.
  @inlinable
  subscript(staleWord word: UInt64) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: four atomics lie at the start.
      return unsafe unsafeAtomic(Int(truncatingIfNeeded: (word & 3) &<< 3))
    }
  }

  /// The stamp: see ``RolloverChunks/subscript(openStampOf:)``.
  @inlinable
  subscript(field: Field) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: an atomic lies there.
      return unsafe unsafeAtomic(RolloverChunks.stampOffset)
    }
  }

  /// A word of a line besides those of stale pages.
  @usableFromInline
  enum Field {
    case stamp
  }

  @inlinable
  @inline(__always)
  func unsafeAtomic(_ offset: Int) -> UnsafePointer<Atomic<UInt64>> {
    // SAFETY: the callers name offsets at which atomics were initialised.
    unsafe UnsafePointer((unsafeStart + offset).assumingMemoryBound(to: Atomic<UInt64>.self))
  }
}
