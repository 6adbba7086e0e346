/// Why a text could not be read, and at which of its characters.
struct SpellingError: Error, Equatable {
  /// The character that is wrong, from 1; one past the last where something is missing.
  let column: Int

  /// What was expected there and what was found, in one line.
  let message: String

  init(column: Int, _ message: String) {
    self.column = column
    self.message = message
  }
}

/// A piece of a text that remembers where it began.
struct SpellingPiece {
  /// The characters.
  let text: Substring

  /// The first character's number in the whole text, from 1.
  let column: Int

  init(_ text: Substring, column: Int = 1) {
    self.text = text
    self.column = column
  }

  /// The column just behind the piece.
  var columnAfter: Int { column + text.count }

  /// The piece behind its first `count` characters.
  func dropFirst(_ count: Int) -> SpellingPiece {
    SpellingPiece(text.dropFirst(count), column: column + min(count, text.count))
  }

  /// The characters before the first that is in `separators`, and the rest from there on.
  func split(before separators: Set<Character>) -> (SpellingPiece, SpellingPiece) {
    let head = text.prefix { !separators.contains($0) }
    return (SpellingPiece(head, column: column), dropFirst(head.count))
  }

  /// The parts between occurrences of `separator`; one more than there are separators.
  func parts(separatedBy separator: Character) -> [SpellingPiece] {
    var parts: [SpellingPiece] = []
    var rest = self
    while true {
      let (part, tail) = rest.split(before: [separator])
      parts.append(part)
      if tail.text.isEmpty { return parts }
      rest = tail.dropFirst(1)
    }
  }

  /// The text in quotes, or the word `nothing`.
  var quoted: String { text.isEmpty ? "nothing" : "'\(text)'" }
}
