// Control flow: switches over tuples and ranges, defer, labels, guards, loops and strides.

func controlFlow() {
  for value in [-70, -1, 0, 3, 9, 10, 99, 100, 4096, Int.max] {
    show("switch on ranges", value, rank(of: disguised(value)))
  }
  show(
    "switch on tuples", quadrant(disguised(3), disguised(4)), quadrant(-1, 2), quadrant(0, 9),
    quadrant(5, 5), quadrant(-2, -2))
  show("defer", deferred(early: disguised(true)), deferred(early: disguised(false)))
  labels()
  strides()
  var countdown = disguised(5)
  var product = 1
  while countdown > 0 {
    product *= countdown
    countdown -= 1
  }
  let choice = if product > 100 { "large" as StaticString } else { "small" as StaticString }
  show("while and if", product, choice)
}

private func rank(of value: Int) -> StaticString {
  switch value {
  case ..<(-64): "far below"
  case ..<0: "below"
  case 0: "zero"
  case 1..<10 where value.isMultiple(of: 3): "a multiple of three"
  case 1...9: "a digit"
  case 10, 20, 30: "ten, twenty or thirty"
  case 11..<100: "two digits"
  case 100...: "more"
  default: "what no other case has"
  }
}

private func quadrant(_ x: Int, _ y: Int) -> UInt8 {
  switch (x, y) {
  case (0, _), (_, 0): 0
  case let (x, y) where x == y && x > 0: 9
  case (1..., 1...): 1
  case (...0, 1...): 2
  case (..<0, ..<0): 3
  default: 4
  }
}

private func deferred(early: Bool) -> Int {
  var trace = Digest()
  func run() -> Int {
    defer { trace.add(1 as UInt8) }
    if early { return 10 }
    defer { trace.add(2 as UInt8) }
    for index in 0..<3 {
      defer { trace.add(index) }
      if index == 1 { continue }
    }
    return 20
  }
  let result = run()
  return result + Int(trace.value & 0xffff) * 100
}

private func labels() {
  var visited = 0
  outer: for row in 0..<disguised(10) {
    for column in 0..<10 {
      if column > row { continue outer }
      if row * column == 42 { break outer }
      visited += 1
    }
  }
  show("labels", visited)
  var guarded = 0
  for value in 0..<20 {
    guard value % 3 == 1, let square = UInt8(exactly: value * value) else { continue }
    guarded += Int(square)
  }
  show("guard", guarded)
}

private func strides() {
  var digest = Digest()
  for value in stride(from: 0, to: disguised(1000), by: 64) { digest.add(value) }
  for value in stride(from: disguised(10), through: -10, by: -4) { digest.add(value) }
  for value in stride(from: UInt64.max - 300, through: UInt64.max, by: 100) { digest.add(value) }
  for value in (0 as UInt8)...disguised(255) { digest.add(value) }
  for value in (0..<disguised(9)).reversed() { digest.add(value) }
  for (index, value) in zip(0..<5, [9, 8, 7]) { digest.add(index * value) }
  for (index, value) in (100..<105).enumerated() { digest.add(index ^ value) }
  show("strides and ranges", digest)
  let range = disguised(16)..<disguised(4096)
  show(
    "ranges", range.count, range.contains(4095), range.contains(4096),
    range.clamped(to: 100..<200).count, range.overlaps(4096..<5000))
  show("empty ranges", (disguised(3)..<3).isEmpty, (disguised(3)...3).count)
}
