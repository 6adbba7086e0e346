// Closures: captured by reference and by value, kept, passed on, nested.

private struct Handler {
  var name: StaticString
  var action: (UInt32, UInt16) -> UInt64
}

private func counter(from start: Int, by step: Int) -> () -> Int {
  var value = start
  return {
    value += step
    return value
  }
}

private func composed<First, Second, Third>(
  _ first: @escaping (First) -> Second, _ second: @escaping (Second) -> Third
) -> (First) -> Third {
  { second(first($0)) }
}

private func twice(_ body: (Int) -> Void) {
  body(disguised(1))
  body(disguised(2))
}

func closures() {
  let up = counter(from: disguised(10), by: 3)
  let down = counter(from: disguised(10), by: -4)
  _ = up()
  _ = down()
  show("captured", up(), up(), down())
  var total = 0
  twice { total += $0 * 100 }
  show("without escape", total)
  var captured = disguised(5)
  let early = { [captured] in captured * 2 }
  let late = { captured * 2 }
  captured = 50
  show("capture lists", early(), late())
  let both = composed({ (byte: UInt8) in UInt64(byte) << 56 }, { $0.byteSwapped })
  show("composed", both(disguised(0xfe)))
  let offset: UInt64 = disguised(1 << 33)
  let handlers = [
    Handler(name: "sum", action: { UInt64($0) + UInt64($1) + offset }),
    Handler(name: "mask", action: { UInt64($0) & UInt64($1) }),
  ]
  for handler in handlers { show("stored", handler.name, handler.action(0xffff_0f0f, 0x1234)) }
  func fibonacci(_ index: Int) -> UInt64 {
    index < 2 ? UInt64(index) : fibonacci(index - 1) + fibonacci(index - 2)
  }
  show("nested function", fibonacci(disguised(15)))
  let optional: ((Int) -> Int)? = disguised(true) ? { $0 + 1 } : nil
  show("optional function", optional?(41), [3, 1, 2].map { $0 * disguised(2) }.reduce(0, +))
}
