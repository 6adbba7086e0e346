import Synchronization

// Atomics of other types: Bool, pointers, enumerations, optionals; and neighbours in one word,
// which must not touch each other where the processor has no operation that narrow.

private enum Stage: UInt8, AtomicRepresentable {
  case idle = 1
  case busy = 0xc0
}

private struct Neighbours: ~Copyable {
  let first = Atomic<UInt8>(0x11)
  let second = Atomic<UInt8>(0x22)
  let third = Atomic<UInt16>(0x3333)
  let fourth = Atomic<UInt32>(0x4444_4444)
  let fifth = Atomic<Bool>(false)
  let sixth = Atomic<Int8>(-1)
}

func otherAtomics() {
  let flag = Atomic<Bool>(disguised(false))
  let wasFree = flag.compareExchange(expected: false, desired: true, ordering: .acquiring)
  let isFree = flag.compareExchange(
    expected: false, desired: true, ordering: .acquiringAndReleasing)
  show("Bool", wasFree.exchanged, isFree.exchanged, isFree.original, flag.load(ordering: .relaxed))
  show(
    "Bool logic", flag.logicalAnd(true, ordering: .relaxed).newValue,
    flag.logicalXor(true, ordering: .releasing).newValue,
    flag.logicalOr(true, ordering: .sequentiallyConsistent).oldValue,
    flag.exchange(false, ordering: .acquiring))
  flag.store(true, ordering: .releasing)
  show("Bool stored", flag.load(ordering: .acquiring), flag.load(ordering: .sequentiallyConsistent))

  let stage = Atomic<Stage>(.idle)
  let old = stage.exchange(.busy, ordering: .acquiringAndReleasing)
  show("enumeration", old == .idle, stage.load(ordering: .acquiring).rawValue)

  // SAFETY: two numbers are allocated, initialised, and given back at the end.
  let numbers = UnsafeMutablePointer<UInt64>.allocate(capacity: 2)
  defer { unsafe numbers.deallocate() }
  unsafe numbers.initialize(repeating: disguised(5), count: 2)
  let pointer = unsafe Atomic<UnsafeMutablePointer<UInt64>?>(nil)
  // SAFETY: as above; what is stored points to them.
  let empty = unsafe pointer.exchange(numbers, ordering: .releasing)
  let replaced = unsafe pointer.compareExchange(
    expected: numbers, desired: numbers + 1, ordering: .sequentiallyConsistent)
  unsafe pointer.load(ordering: .acquiring)?.pointee = 6
  let wasReplaced = unsafe empty == nil && replaced.exchanged
  show("pointer", wasReplaced, unsafe numbers[0], unsafe numbers[1])

  let cells = Neighbours()
  cells.first.wrappingAdd(0xff, ordering: .relaxed)
  cells.second.bitwiseXor(0xff, ordering: .sequentiallyConsistent)
  cells.third.wrappingSubtract(0x4444, ordering: .acquiringAndReleasing)
  cells.fourth.wrappingAdd(0xcccc_0000, ordering: .relaxed)
  _ = cells.fifth.exchange(true, ordering: .relaxed)
  cells.sixth.min(-100, ordering: .relaxed)
  show(
    "neighbours", Hex(cells.first.load(ordering: .relaxed)),
    Hex(cells.second.load(ordering: .relaxed)), Hex(cells.third.load(ordering: .relaxed)),
    Hex(cells.fourth.load(ordering: .relaxed)), cells.fifth.load(ordering: .relaxed))
  show("neighbours", cells.sixth.load(ordering: .relaxed), MemoryLayout<Neighbours>.size)

  atomicMemoryFence(ordering: .acquiring)
  atomicMemoryFence(ordering: .releasing)
  atomicMemoryFence(ordering: .acquiringAndReleasing)
  atomicMemoryFence(ordering: .sequentiallyConsistent)
  show("fences", flag.load(ordering: .relaxed))
}
