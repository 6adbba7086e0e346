// Arrays that grow, shrink, are shared and sorted; slices; algorithms.

private struct Record: Equatable {
  var key: UInt16
  var payload: UInt64
  var isLive: Bool
}

func collections() {
  growth()
  sorting()
  var numbers = Numbers(seed: 7)
  var records: [Record] = []
  for index in 0..<disguised(200 as UInt16) {
    records.append(
      Record(key: index, payload: numbers.next(), isLive: numbers.next() & 1 == 0))
  }
  records.removeAll { $0.key % 5 == 0 }
  records.insert(Record(key: 0xffff, payload: 1, isLive: true), at: 17)
  records.swapAt(0, disguised(20))
  let live = records.filter { $0.isLive }
  show(
    "records", records.count, live.count, records[0].key, records[17].key,
    records.firstIndex { $0.key == 101 })
  show(
    "payloads", Hex(records.reduce(0) { $0 ^ $1.payload }), records.contains(records[3]),
    records.allSatisfy { $0.payload != 0 }, records.min { $0.payload < $1.payload }?.key)
  let slice = records[disguised(10)..<20]
  show(
    "slices", slice.count, slice.startIndex, slice.first?.key, slice.last?.key,
    Array(slice.dropFirst(3).prefix(2)).map { UInt64($0.key) }.reduce(0, +))
  show("equality", slice == records[10..<20], Array(slice) == records, slice.reversed()[0].key)
}

private func growth() {
  var array: [UInt32] = []
  var digest = Digest()
  for index in 0..<disguised(5000 as UInt32) { array.append(index &* 2_654_435_761) }
  for element in array { digest.add(element) }
  show("growth", array.count, digest, array.capacity >= 5000)
  let copy = array
  array[disguised(7)] = 1
  array.removeLast(4000)
  array.removeFirst(10)
  array += [1, 2, 3]
  array.reserveCapacity(20_000)
  show("copy on write", copy[7], array.count, copy.count, array.last, array.popLast())
  var rows = [[UInt8]](repeating: [UInt8](repeating: 0xee, count: 3), count: 4)
  rows[1][2] = disguised(9)
  rows[3].append(77)
  show(
    "nested arrays", rows[0][2], rows[1][2], rows[3].count, rows.joined().count,
    rows.flatMap { $0 }.reduce(0) { $0 + Int($1) })
  array.removeAll()
  show(
    "emptied", array.isEmpty, array.first,
    [UInt8](repeating: 3, count: disguised(4)) == [3, 3, 3, 3])
}

private func sorting() {
  var numbers = Numbers(seed: 8)
  for count in [0, 1, 2, 17, 64, 1000] {
    var values = (0..<count).map { _ in numbers.next(Int16.self) }
    let sorted = values.sorted()
    values.sort(by: >)
    var digest = Digest()
    for value in sorted { digest.add(value) }
    show("sorting", count, digest, values.elementsEqual(sorted.reversed()))
  }
  // A stable order among equals.
  let pairs = (0..<disguised(300)).map { (key: UInt8($0 % 7), place: $0) }
  let sorted = pairs.sorted { $0.key < $1.key }
  var digest = Digest()
  for pair in sorted { digest.add(pair.place) }
  show("stable sorting", digest)
  var split = (0..<disguised(50)).map { $0 * 37 % 50 }
  let middle = split.partition { $0 >= 20 }
  show("partition", middle, split[..<middle].reduce(0, +), split[middle...].reduce(0, +))
}
