// Generic code, specialised: protocols with associated types, defaults, conditions, value generics.

private protocol Format {
  associatedtype Entry: FixedWidthInteger & UnsignedInteger
  static var shift: Int { get }
  static func entry(for address: UInt64) -> Entry
}

extension Format {
  static var shift: Int { 12 }
  static func entry(for address: UInt64) -> Entry { Entry(truncatingIfNeeded: address >> shift) }
}

private enum Narrow: Format {
  typealias Entry = UInt16
}

private enum Broad: Format {
  static var shift: Int { 20 }
  static func entry(for address: UInt64) -> UInt64 { address &>> shift | 1 << 63 }
}

private struct Table<Kind: Format> {
  var entries: [Kind.Entry] = []

  mutating func add(_ address: UInt64) { entries.append(Kind.entry(for: address)) }
  func sum() -> UInt64 { entries.reduce(0) { $0 &+ UInt64($1) } }
}

private struct Grid<let rows: Int, let columns: Int> {
  var cells = InlineArray<rows, InlineArray<columns, Int16>>(
    repeating: InlineArray(repeating: -1))

  var count: Int { rows * columns }

  subscript(row: Int, column: Int) -> Int16 {
    get { cells[row][column] }
    set { cells[row][column] = newValue }
  }
}

private struct Countdown: Sequence, IteratorProtocol {
  var value: Int
  mutating func next() -> Int? {
    guard value > 0 else { return nil }
    value -= 1
    return value
  }
}

private struct Ordered<Value: Comparable>: Comparable {
  var value: Value
  static func < (left: Self, right: Self) -> Bool { right.value < left.value }
}

private func largest<Items: Collection>(_ items: Items) -> Items.Element?
where Items.Element: Comparable {
  var result: Items.Element?
  for item in items {
    guard let known = result else {
      result = item
      continue
    }
    if known < item { result = item }
  }
  return result
}

private func swapped<Left, Right>(_ pair: (Left, Right)) -> (Right, Left) { (pair.1, pair.0) }

func generics() {
  var narrow = Table<Narrow>()
  var broad = Table<Broad>()
  for address in stride(from: 0 as UInt64, to: disguised(0x1000_0000), by: 0x12_3000) {
    narrow.add(address)
    broad.add(address)
  }
  show(
    "associated types", narrow.sum(), Hex(broad.sum()), narrow.entries.count,
    Narrow.shift, Broad.shift)
  var grid = Grid<3, 5>()
  for row in 0..<3 {
    for column in 0..<5 where column != row { grid[row, column] = Int16(row * 1000 - column) }
  }
  show(
    "value generics", grid.count, grid[0, 0], grid[2, 4], grid[disguised(1), 1],
    MemoryLayout<Grid<3, 5>>.size)
  show(
    "sequences", Countdown(value: disguised(10)).reduce(0, +),
    Countdown(value: 6).filter { $0 % 2 == 0 }.count, Countdown(value: 9).contains(8))
  show(
    "comparable", largest([3, 9, 4].map { Ordered(value: disguised($0)) })?.value,
    largest([UInt8]()), largest(1..<disguised(6)), largest([2.5, disguised(true) ? 7.25 : 0]))
  let pair = swapped((disguised(7 as UInt8), disguised(0xffff_0001 as UInt32)))
  show("tuples", pair.0, pair.1, swapped(swapped(pair)) == pair)
}
