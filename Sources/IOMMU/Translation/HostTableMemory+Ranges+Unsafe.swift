public import Synchronization

/// Many entries at a time: about three instructions for each that is written, less than one for
/// each that is read. On x86-64 half an instruction to fill or to read one, and one and a half to
/// write one of a long run that is turned around.
extension HostTableMemory {
  /// Writes `count` entries from `address`, each releasing and by a single store.
  ///
  /// Inlined, because in each place the step is another constant.
  @inlinable
  @inline(__always)
  public func storeEntries(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64
  ) {
    if count <= 0 { return }
    let start = index(of: address, count: count)
    #if arch(x86_64) && !InterleavingExploration
    // SAFETY: all entries lie in the memory, as checked, which `block` keeps alive.
    if step == 0 {
      let value = ByteOrder.isSwapped ? first.byteSwapped : first
      return unsafe EntryPairs.fill(unsafeEntries + start, count, value)
    }
    if ByteOrder.isSwapped, EntryPairs.staysInByte(step), count >= 48 {
      return unsafe EntryPairs.storeSwapped(unsafeEntries + start, count, first, step)
    }
    #endif
    if step == 0 {
      storeSame(ByteOrder.isSwapped ? first.byteSwapped : first, start, count)
    } else if ByteOrder.isSwapped {
      storeSwapped(first, step, start, count)
    } else {
      storeStraight(first, step, start, count)
    }
  }

  /// The bits that are set in any of `count` entries from `address`; nobody else writes them.
  ///
  /// Complexity: linear, several entries at a time.
  @inlinable
  public func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    if count <= 0 { return 0 }
    let start = index(of: address, count: count)
    #if arch(x86_64) && !InterleavingExploration
    // SAFETY: as in `storeEntries`; nobody else writes these entries.
    let bits = unsafe EntryPairs.bitsInAny(unsafeEntries + start, count)
    #else
    // SAFETY: (1) all entries lie in the memory, as checked, which `block` keeps alive; (2) an
    // atomic has the layout of its value; (3) plain loads do, because the entries of one call
    // belong to the caller alone: the caller ordered itself behind whoever wrote them.
    let unsafeWords = unsafe UnsafeRawPointer(unsafeEntries + start)
    var bits: UInt64 = 0
    for index in 0..<count {
      bits |= unsafe unsafeWords.load(fromByteOffset: index &<< 3, as: UInt64.self)
    }
    #endif
    return ByteOrder.isSwapped ? bits.byteSwapped : bits
  }

  /// The bits that are set in all of `count` entries from `address`; nobody else writes them.
  ///
  /// Complexity: linear, several entries at a time.
  @inlinable
  public func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    if count <= 0 { return .max }
    let start = index(of: address, count: count)
    #if arch(x86_64) && !InterleavingExploration
    // SAFETY: as in `storeEntries`; nobody else writes these entries.
    let bits = unsafe EntryPairs.bitsInAll(unsafeEntries + start, count)
    #else
    // SAFETY: as in `bitsInAny`.
    let unsafeWords = unsafe UnsafeRawPointer(unsafeEntries + start)
    var bits: UInt64 = .max
    for index in 0..<count {
      bits &= unsafe unsafeWords.load(fromByteOffset: index &<< 3, as: UInt64.self)
    }
    #endif
    return ByteOrder.isSwapped ? bits.byteSwapped : bits
  }

  @inlinable
  @inline(__always)
  func storeSame(_ value: UInt64, _ start: Int, _ count: Int) {
    // SAFETY: here and in what follows, the caller checked `start` and `count` to lie in the
    // memory.
    var unsafeNext = unsafe unsafeEntries + start
    var left = count
    // By sixteens. The compiler leaves atomic stores as they are, and would not unroll them.
    while left >= 16 {
      unsafe unsafeNext[0].store(value, ordering: .releasing)
      unsafe unsafeNext[1].store(value, ordering: .releasing)
      unsafe unsafeNext[2].store(value, ordering: .releasing)
      unsafe unsafeNext[3].store(value, ordering: .releasing)
      unsafe unsafeNext[4].store(value, ordering: .releasing)
      // SAFETY: as above.
      unsafe unsafeNext[5].store(value, ordering: .releasing)
      unsafe unsafeNext[6].store(value, ordering: .releasing)
      unsafe unsafeNext[7].store(value, ordering: .releasing)
      unsafe unsafeNext[8].store(value, ordering: .releasing)
      unsafe unsafeNext[9].store(value, ordering: .releasing)
      unsafe unsafeNext[10].store(value, ordering: .releasing)
      unsafe unsafeNext[11].store(value, ordering: .releasing)
      unsafe unsafeNext[12].store(value, ordering: .releasing)
      unsafe unsafeNext[13].store(value, ordering: .releasing)
      unsafe unsafeNext[14].store(value, ordering: .releasing)
      // SAFETY: as above.
      unsafe unsafeNext[15].store(value, ordering: .releasing)
      unsafe unsafeNext += 16
      left &-= 16
    }
    while left > 0 {
      unsafe unsafeNext[0].store(value, ordering: .releasing)
      unsafe unsafeNext += 1
      left &-= 1
    }
  }

  @inlinable
  @inline(__always)
  func storeSwapped(_ first: UInt64, _ step: UInt64, _ start: Int, _ count: Int) {
    // SAFETY: see `storeSame`.
    var unsafeNext = unsafe unsafeEntries + start
    var entry = first
    var left = count
    while left >= 8 {
      unsafe unsafeNext[0].store(entry.byteSwapped, ordering: .releasing)
      unsafe unsafeNext[1].store((entry &+ step).byteSwapped, ordering: .releasing)
      unsafe unsafeNext[2].store((entry &+ 2 &* step).byteSwapped, ordering: .releasing)
      unsafe unsafeNext[3].store((entry &+ 3 &* step).byteSwapped, ordering: .releasing)
      unsafe unsafeNext[4].store((entry &+ 4 &* step).byteSwapped, ordering: .releasing)
      unsafe unsafeNext[5].store((entry &+ 5 &* step).byteSwapped, ordering: .releasing)
      // SAFETY: as above.
      unsafe unsafeNext[6].store((entry &+ 6 &* step).byteSwapped, ordering: .releasing)
      unsafe unsafeNext[7].store((entry &+ 7 &* step).byteSwapped, ordering: .releasing)
      entry = entry &+ 8 &* step
      unsafe unsafeNext += 8
      left &-= 8
    }
    while left > 0 {
      unsafe unsafeNext[0].store(entry.byteSwapped, ordering: .releasing)
      entry = entry &+ step
      unsafe unsafeNext += 1
      left &-= 1
    }
  }

  @inlinable
  @inline(__always)
  func storeStraight(_ first: UInt64, _ step: UInt64, _ start: Int, _ count: Int) {
    // SAFETY: see `storeSame`.
    var unsafeNext = unsafe unsafeEntries + start
    var entry = first
    var left = count
    while left >= 4 {
      unsafe unsafeNext[0].store(entry, ordering: .releasing)
      unsafe unsafeNext[1].store(entry &+ step, ordering: .releasing)
      unsafe unsafeNext[2].store(entry &+ 2 &* step, ordering: .releasing)
      unsafe unsafeNext[3].store(entry &+ 3 &* step, ordering: .releasing)
      entry = entry &+ 4 &* step
      unsafe unsafeNext += 4
      left &-= 4
    }
    while left > 0 {
      // SAFETY: as above.
      unsafe unsafeNext[0].store(entry, ordering: .releasing)
      entry = entry &+ step
      unsafe unsafeNext += 1
      left &-= 1
    }
  }
}
