/// Finds the name that somebody who mistyped one most likely meant.
enum NearestName {
  /// A clause that proposes the nearest of `names`, or lists them all where none is near.
  static func hint(for text: some StringProtocol, among names: [String]) -> String {
    if let nearest = nearest(to: text, among: names) { return "did you mean '\(nearest)'?" }
    return "expected \(list(names))"
  }

  /// The name at the least distance, where that is at most a third of the longer word's length.
  ///
  /// Of several at the same distance, the first: the result depends on the arguments alone.
  static func nearest(to text: some StringProtocol, among names: [String]) -> String? {
    let typed = Array(text.lowercased())
    var best: (name: String, distance: Int)?
    for name in names {
      let distance = distance(typed, Array(name))
      let limit = max(1, max(typed.count, name.count) / 3)
      if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
  }

  /// `a, b or c`.
  static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "nothing" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  /// The least number of insertions, removals, replacements and swaps of neighbours between them.
  ///
  /// The optimal string alignment distance: no part is edited twice.
  /// Complexity: O(n m) time, three rows of memory.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(replaced, previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforePrevious[column - 1] + 1)
        }
        current.append(best)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
