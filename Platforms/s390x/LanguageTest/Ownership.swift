// Types without copies: consumed, borrowed, changed in place, stored, dropped.

private final class Book {
  var events = Digest()
  var open = 0
}

private struct Token: ~Copyable {
  let number: UInt32
  let book: Book

  init(_ number: UInt32, in book: Book) {
    self.number = number
    self.book = book
    book.open += 1
  }

  borrowing func look() -> UInt32 { number &* 3 }

  consuming func finish() -> UInt32 {
    book.events.add(0x100)
    return number
  }

  deinit {
    book.events.add(number)
    book.open -= 1
  }
}

private struct Pair<First: ~Copyable, Second: ~Copyable>: ~Copyable {
  var first: First
  var second: Second

  consuming func split() -> First { first }
}

private enum Slot: ~Copyable {
  case free
  case taken(Token)

  mutating func put(_ token: consuming Token) -> Bool {
    switch consume self {
    case .free:
      self = .taken(token)
      return true
    case .taken(let old):
      self = .taken(old)
      return false
    }
  }
}

private protocol Store: ~Copyable {
  mutating func push(_ token: consuming Token) -> Token?
  borrowing func total() -> UInt64
}

private struct Stack<let capacity: Int>: Store, ~Copyable {
  var tokens = InlineArray<capacity, Token?> { _ in nil }
  var count = 0

  mutating func push(_ token: consuming Token) -> Token? {
    guard count < capacity else { return token }
    tokens[count] = consume token
    count += 1
    return nil
  }

  mutating func pop() -> Token? {
    guard count > 0 else { return nil }
    count -= 1
    return tokens[count].take()
  }

  borrowing func total() -> UInt64 {
    var sum: UInt64 = 0
    for index in 0..<count {
      switch tokens[index] {
      case .some(let token): sum += UInt64(token.look())
      case nil: sum += 1_000_000
      }
    }
    return sum
  }
}

private func fill(_ store: inout some Store & ~Copyable, from book: Book) -> UInt32 {
  var refused: UInt32 = 0
  for number in 1...disguised(5 as UInt32) {
    if let back = store.push(Token(number, in: book)) { refused += back.finish() }
  }
  return refused
}

func ownership() {
  let book = Book()
  let token = Token(disguised(11), in: book)
  show("borrowing", token.look(), book.open)
  show("consuming", token.finish(), book.open, book.events)
  do {
    let dropped = Token(12, in: book)
    _ = dropped.look()
  }
  show("dropped", book.open, book.events)
  let pair = Pair(first: Token(13, in: book), second: Token(14, in: book))
  let first = pair.split()
  show("split", first.look(), book.open, book.events)
  _ = consume first
  var slot = Slot.free
  let wasPut = slot.put(Token(15, in: book))
  let wasPutAgain = slot.put(Token(16, in: book))
  show("slot", wasPut, wasPutAgain, book.open, book.events)
  slot = .free
  show("slot emptied", book.open, book.events)
  var stack = Stack<3>()
  let refused = fill(&stack, from: book)
  let top = stack.pop()?.finish()
  show("stack", refused, stack.total(), top, book.open, book.events)
  _ = consume stack
  show("all gone", book.open, book.events)
}
