/// A line of an image that gives numbers names: a word, then `name=number` for each.
enum BootLine {
  /// The numbers of a line by name; what is no such word is passed over.
  static func numbers(_ line: String) -> [Substring: UInt64] {
    var numbers: [Substring: UInt64] = [:]
    for word in line.split(separator: " ").dropFirst() {
      let parts = word.split(separator: "=")
      if parts.count == 2, let number = UInt64(parts[1]) { numbers[parts[0]] = number }
    }
    return numbers
  }
}
