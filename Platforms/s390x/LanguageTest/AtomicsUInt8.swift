import Synchronization

// Every atomic operation in every ordering. The same text for each width, since the library has no
// protocol of all: `check-language` requires that the files differ in the type's name alone.

func atomicsUInt8() {
  compareExchangesUInt8()
  let name: StaticString = "UInt8"
  let start = UInt8(truncatingIfNeeded: disguised(0x1e37_79b9_7f4a_7c55 as UInt64))
  let operand = UInt8(truncatingIfNeeded: disguised(0x0102_0408_1122_3325 as UInt64))
  let cell = Atomic<UInt8>(start)

  var digest = Digest()
  digest.add(cell.load(ordering: .relaxed))
  cell.store(operand, ordering: .relaxed)
  digest.add(cell.load(ordering: .acquiring))
  cell.store(operand / 3, ordering: .releasing)
  digest.add(cell.load(ordering: .sequentiallyConsistent))
  cell.store(start, ordering: .sequentiallyConsistent)
  show("load and store", name, digest, cell.load(ordering: .relaxed))

  digest.add(cell.exchange(operand &+ 0, ordering: .relaxed))
  digest.add(cell.exchange(operand &+ 1, ordering: .acquiring))
  digest.add(cell.exchange(operand &+ 2, ordering: .releasing))
  digest.add(cell.exchange(operand &+ 3, ordering: .acquiringAndReleasing))
  digest.add(cell.exchange(operand &+ 4, ordering: .sequentiallyConsistent))
  show("exchange", name, digest)

  digest.add(cell.wrappingAdd(operand &+ 0, ordering: .relaxed))
  digest.add(cell.wrappingAdd(operand &+ 1, ordering: .acquiring))
  digest.add(cell.wrappingAdd(operand &+ 2, ordering: .releasing))
  digest.add(cell.wrappingAdd(operand &+ 3, ordering: .acquiringAndReleasing))
  digest.add(cell.wrappingAdd(operand &+ 4, ordering: .sequentiallyConsistent))
  show("wrappingAdd", name, digest, cell.load(ordering: .relaxed))

  digest.add(cell.wrappingSubtract(start &- 0, ordering: .relaxed))
  digest.add(cell.wrappingSubtract(start &- 1, ordering: .acquiring))
  digest.add(cell.wrappingSubtract(start &- 2, ordering: .releasing))
  digest.add(cell.wrappingSubtract(start &- 3, ordering: .acquiringAndReleasing))
  digest.add(cell.wrappingSubtract(start &- 4, ordering: .sequentiallyConsistent))
  show("wrappingSubtract", name, digest, cell.load(ordering: .relaxed))

  cell.store(start, ordering: .relaxed)
  digest.add(cell.bitwiseAnd(~(operand &<< 0), ordering: .relaxed))
  digest.add(cell.bitwiseAnd(~(operand &<< 1), ordering: .acquiring))
  digest.add(cell.bitwiseAnd(~(operand &<< 2), ordering: .releasing))
  digest.add(cell.bitwiseAnd(~(operand &<< 3), ordering: .acquiringAndReleasing))
  digest.add(cell.bitwiseAnd(~(operand &<< 4), ordering: .sequentiallyConsistent))
  show("bitwiseAnd", name, digest, cell.load(ordering: .relaxed))

  cell.store(start, ordering: .relaxed)
  digest.add(cell.bitwiseOr(operand &<< 0, ordering: .relaxed))
  digest.add(cell.bitwiseOr(operand &<< 1, ordering: .acquiring))
  digest.add(cell.bitwiseOr(operand &<< 2, ordering: .releasing))
  digest.add(cell.bitwiseOr(operand &<< 3, ordering: .acquiringAndReleasing))
  digest.add(cell.bitwiseOr(operand &<< 4, ordering: .sequentiallyConsistent))
  show("bitwiseOr", name, digest, cell.load(ordering: .relaxed))

  digest.add(cell.bitwiseXor(start &>> 0, ordering: .relaxed))
  digest.add(cell.bitwiseXor(start &>> 1, ordering: .acquiring))
  digest.add(cell.bitwiseXor(start &>> 2, ordering: .releasing))
  digest.add(cell.bitwiseXor(start &>> 3, ordering: .acquiringAndReleasing))
  digest.add(cell.bitwiseXor(start &>> 4, ordering: .sequentiallyConsistent))
  show("bitwiseXor", name, digest, cell.load(ordering: .relaxed))

  cell.store(start, ordering: .relaxed)
  digest.add(cell.min(start / 1, ordering: .relaxed))
  digest.add(cell.min(start / 2, ordering: .acquiring))
  digest.add(cell.min(start / 3, ordering: .releasing))
  digest.add(cell.min(start / 4, ordering: .acquiringAndReleasing))
  digest.add(cell.min(start / 5, ordering: .sequentiallyConsistent))
  show("min", name, digest, cell.load(ordering: .relaxed))

  cell.store(start, ordering: .relaxed)
  digest.add(cell.max(start / 6, ordering: .relaxed))
  digest.add(cell.max(start / 5, ordering: .acquiring))
  digest.add(cell.max(start / 4, ordering: .releasing))
  digest.add(cell.max(start / 3, ordering: .acquiringAndReleasing))
  digest.add(cell.max(start / 2, ordering: .sequentiallyConsistent))
  show("max", name, digest, cell.load(ordering: .relaxed))

  cell.store(operand, ordering: .relaxed)
  digest.add(cell.add(1, ordering: .relaxed))
  digest.add(cell.add(2, ordering: .acquiring))
  digest.add(cell.add(3, ordering: .releasing))
  digest.add(cell.add(4, ordering: .acquiringAndReleasing))
  digest.add(cell.add(5, ordering: .sequentiallyConsistent))
  show("add", name, digest, cell.load(ordering: .relaxed))

  cell.store(start, ordering: .relaxed)
  digest.add(cell.subtract(1, ordering: .relaxed))
  digest.add(cell.subtract(2, ordering: .acquiring))
  digest.add(cell.subtract(3, ordering: .releasing))
  digest.add(cell.subtract(4, ordering: .acquiringAndReleasing))
  digest.add(cell.subtract(5, ordering: .sequentiallyConsistent))
  show("subtract", name, digest, cell.load(ordering: .relaxed))
}
