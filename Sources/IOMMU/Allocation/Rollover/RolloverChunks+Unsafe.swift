public import Synchronization

/// The chunks of an allocator: for each its atomic words, a lock, a state that the lock guards, and
/// a ticket.
///
/// 192 bytes to a chunk, from a cache line's start: what retiring a page touches in the first line,
/// what needs the lock in two more. What handing out touches lies elsewhere, in
/// ``RolloverOpenWord``, so that pages given back leave alone who hands out. Lock and state are
/// reached apart: whoever changes a state has exclusive access to that alone, while others try the
/// lock. A view is a plain value; the memory belongs to ``RolloverChunkMemory``.
@usableFromInline
@safe
struct RolloverChunks: @unchecked Sendable {
  @usableFromInline let unsafeBase: UnsafeMutableRawPointer
  @usableFromInline let count: Int

  // Where things lie in a chunk: four words of stale pages, the stamp, the leaf table.
  @usableFromInline static var stride: Int { (cleanerOffset &+ 8 &+ 63) & ~63 }
  @usableFromInline static var stampOffset: Int { 32 }
  @usableFromInline static var leafOffset: Int { 40 }
  @usableFromInline static var lockOffset: Int { 64 }
  @usableFromInline static var stateOffset: Int {
    lockOffset &+ max(8, MemoryLayout<SpinLock>.stride)
  }
  @usableFromInline static var cleanerOffset: Int { stateOffset &+ 112 }

  @inlinable
  init(unsafeBase: UnsafeMutableRawPointer, count: Int) {
    // SAFETY: only kept; the owner sees to what it points at.
    unsafe self.unsafeBase = unsafeBase
    self.count = count
  }

  /// Takes a chunk's lock: alone, or with the lists' lock inside it; never with another chunk's.
  @inlinable
  @inline(__always)
  func lock(
    _ number: Int, function: StaticString = #function, file: StaticString = #fileID,
    line: Int = #line
  ) {
    // SAFETY: a `SpinLock` was initialised there; `unsafeChunk` checks.
    let lock = unsafe unsafeChunk(number).advanced(by: RolloverChunks.lockOffset)
    unsafe lock.assumingMemoryBound(to: SpinLock.self).pointee.lock(
      function: function, file: file, line: line)
  }

  /// Takes a chunk's lock if nobody has it, whatever locks the caller has; true where it did.
  @inlinable
  @inline(__always)
  func tryLock(
    _ number: Int, function: StaticString = #function, file: StaticString = #fileID,
    line: Int = #line
  ) -> Bool {
    // SAFETY: as in `lock`.
    let lock = unsafe unsafeChunk(number).advanced(by: RolloverChunks.lockOffset)
    return unsafe lock.assumingMemoryBound(to: SpinLock.self).pointee.tryLock(
      function: function, file: file, line: line)
  }

  /// Gives a chunk's lock back.
  @inlinable
  @inline(__always)
  func unlock(
    _ number: Int, function: StaticString = #function, file: StaticString = #fileID,
    line: Int = #line
  ) {
    // SAFETY: as in `lock`.
    let lock = unsafe unsafeChunk(number).advanced(by: RolloverChunks.lockOffset)
    unsafe lock.assumingMemoryBound(to: SpinLock.self).pointee.unlock(
      function: function, file: file, line: line)
  }

  /// A chunk's state, under its lock.
  @inlinable
  subscript(number: Int) -> RolloverChunkState {
    unsafeAddress {
      // SAFETY: (1) a state was initialised there; (2) the caller holds the lock.
      let state = unsafe unsafeChunk(number).advanced(by: RolloverChunks.stateOffset)
      return unsafe UnsafePointer(state.assumingMemoryBound(to: RolloverChunkState.self))
    }
    nonmutating unsafeMutableAddress {
      // SAFETY: (1) a state was initialised there; (2) the caller holds the lock.
      let state = unsafe unsafeChunk(number).advanced(by: RolloverChunks.stateOffset)
      return unsafe state.assumingMemoryBound(to: RolloverChunkState.self)
    }
  }

  /// The stale pages of word `word`, 64 pages each counted from page 0: retired, and not known to
  /// be invalidated.
  ///
  /// Retiring sets bits without the chunk's lock; only under it are they taken out.
  @inlinable
  subscript(staleOf word: Int) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: four atomics were initialised there.
      return unsafe unsafeAtomic(word &>> 2, (word & 3) &<< 3)
    }
  }

  /// The chunk's stamp while single pages may be retired without its lock, else `never`.
  @inlinable
  subscript(openStampOf number: Int) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: an atomic was initialised there.
      return unsafe unsafeAtomic(number, RolloverChunks.stampOffset)
    }
  }

  /// The entries of the chunk's pages, as a ``LeafHandle``, while the chunk holds their lease.
  ///
  /// Written under the chunk's lock. Whoever has a page of the chunk that was handed out quickly
  /// finds the lease that it was handed out with: it ends only when there is no such page.
  @inlinable
  subscript(leafOf number: Int) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: an atomic was initialised there.
      return unsafe unsafeAtomic(number, RolloverChunks.leafOffset)
    }
  }

  @inlinable
  @inline(__always)
  func unsafeAtomic(_ number: Int, _ offset: Int) -> UnsafePointer<Atomic<UInt64>> {
    // SAFETY: the callers name offsets at which atomics were initialised.
    let atomic = unsafe unsafeChunk(number).advanced(by: offset)
    return unsafe UnsafePointer(atomic.assumingMemoryBound(to: Atomic<UInt64>.self))
  }

  /// What retiring a chunk's pages without its lock needs, found once.
  @inlinable
  @inline(__always)
  func line(_ number: Int) -> RolloverChunkLine {
    // SAFETY: a chunk begins with such a line.
    unsafe RolloverChunkLine(unsafeStart: unsafeChunk(number))
  }

  /// The same for a chunk whose number is known to be right: of a page that ``RolloverSpace`` found
  /// to lie in the aperture.
  @inlinable
  @inline(__always)
  func line(within number: Int) -> RolloverChunkLine {
    // SAFETY: (1) a chunk begins with such a line; (2) each page of the aperture has its chunk.
    unsafe RolloverChunkLine(unsafeStart: unsafeBase + (number &* RolloverChunks.stride))
  }

  /// The range invalidation that has a chunk, or 0.
  ///
  /// Written under the chunk's lock; searches for stale spans read it without, as a hint.
  subscript(cleanerOf number: Int) -> Atomic<UInt64> {
    unsafeAddress {
      // SAFETY: an atomic was initialised there.
      let cleaner = unsafe unsafeChunk(number).advanced(by: RolloverChunks.cleanerOffset)
      return unsafe UnsafePointer(cleaner.assumingMemoryBound(to: Atomic<UInt64>.self))
    }
  }

  /// The first byte of a chunk.
  @inlinable
  @inline(__always)
  func unsafeChunk(_ number: Int) -> UnsafeMutableRawPointer {
    precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "chunk out of the aperture")
    // SAFETY: the number was checked against the number of chunks.
    return unsafe unsafeBase + (number &* RolloverChunks.stride)
  }
}

/// The owner of the chunks' memory.
@usableFromInline
@safe
struct RolloverChunkMemory: ~Copyable, Sendable {
  /// The chunks; valid as long as this lives.
  @usableFromInline let view: RolloverChunks

  /// Holds `count` chunks, of which chunk n can hand out the pages `usable(n)`.
  ///
  /// Allocates: once, here.
  init(count: Int, usable: (Int) -> PageBits) {
    let stateEnd = RolloverChunks.stateOffset + MemoryLayout<RolloverChunkState>.size
    precondition(stateEnd <= RolloverChunks.cleanerOffset, "a chunk's state has outgrown it")
    // SAFETY: (1) each chunk's parts are initialised exactly once, at offsets that are multiples
    // of their alignment and do not overlap; (2) the block is as long as all chunks together.
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: count * RolloverChunks.stride, alignment: 64)
    for number in 0..<count {
      // SAFETY: as above; the words are the eight before the lock.
      let chunk = unsafe base + number * RolloverChunks.stride
      let words = unsafe chunk.bindMemory(to: Atomic<UInt64>.self, capacity: 8)
      for word in 0..<8 { unsafe (words + word).initialize(to: Atomic(0)) }
      unsafe words[RolloverChunks.stampOffset / 8].store(
        RolloverChunkState.never, ordering: .relaxed)
      // SAFETY: as above; each at an offset of its own.
      unsafe (chunk + RolloverChunks.lockOffset)
        .bindMemory(to: SpinLock.self, capacity: 1)
        .initialize(to: SpinLock("rollover chunk", lines: 1))
      unsafe (chunk + RolloverChunks.stateOffset)
        .bindMemory(to: RolloverChunkState.self, capacity: 1)
        .initialize(to: RolloverChunkState(busy: usable(number).inverted))
      unsafe (chunk + RolloverChunks.cleanerOffset)
        .bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
    }
    // SAFETY: the block just filled, which lives as long as this owner.
    view = unsafe RolloverChunks(unsafeBase: base, count: count)
  }

  deinit {
    // SAFETY: (1) the block came from `allocate`; (2) nobody uses the allocator any more. Locks,
    // states and atomics need no deinitialising.
    unsafe view.unsafeBase.deallocate()
  }
}
