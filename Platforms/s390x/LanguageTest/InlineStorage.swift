// Storage in place: InlineArray of numbers, structs, optionals and arrays.

private struct Cell {
  var address: UInt64
  var flags: UInt8
  var count: UInt16
}

private struct Ring<let capacity: Int> {
  var cells = InlineArray<capacity, Cell?>(repeating: nil)
  var head = 0
  var tail = 0

  mutating func push(_ cell: Cell) -> Bool {
    guard tail - head < capacity else { return false }
    cells[tail % capacity] = cell
    tail += 1
    return true
  }

  mutating func pop() -> Cell? {
    guard head < tail else { return nil }
    defer { head += 1 }
    return cells[head % capacity].take()
  }
}

func inlineStorage() {
  var bytes: [7 of UInt8] = [1, 2, 3, 4, 5, 6, 7]
  bytes[disguised(3)] = 0xff
  bytes.swapAt(0, disguised(6))
  var digest = Digest()
  for index in bytes.indices { digest.add(bytes[index]) }
  show("inline bytes", digest, bytes.count, bytes[0], MemoryLayout<[7 of UInt8]>.size)
  let squares = InlineArray<16, UInt32> { UInt32($0 * $0) * disguised(65_537) }
  let copy = squares
  show("inline squares", squares[15], copy[1], MemoryLayout<InlineArray<16, UInt32>>.stride)
  var halves = InlineArray<5, UInt16>(repeating: disguised(0x0180))
  for index in halves.indices { halves[index] <<= UInt16(index) }
  show("inline halfwords", halves[0], halves[1], halves[2], halves[3], halves[4])
  var ring = Ring<4>()
  var refused = 0
  var sum: UInt64 = 0
  for index in 0..<disguised(20) {
    let cell = Cell(address: UInt64(index) << 44, flags: UInt8(index), count: UInt16(index) << 8)
    if !ring.push(cell) { refused += 1 }
    if index % 3 == 2, let cell = ring.pop() {
      sum &+= cell.address &+ UInt64(cell.flags) &+ UInt64(cell.count)
    }
  }
  show("ring", refused, Hex(sum), ring.head, ring.tail, ring.cells[0] == nil)
  let pattern: UInt64 = disguised(0x5a5a_0f0f_ffff_0001)
  let bits = InlineArray<64, Bool> { pattern >> $0 & 1 == 1 }
  var count = 0
  for index in bits.indices where bits[index] { count += 1 }
  show("inline flags", count, bits[0], bits[1], bits[63])
}
