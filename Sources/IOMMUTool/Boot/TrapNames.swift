import SystemPackage

/// What stands at the addresses that an image tells of when it traps.
///
/// The build leaves the image's symbols beside it, as `llvm-nm` prints them: address, kind, name.
struct TrapNames {
  private var symbols: [(address: UInt64, name: String, isCode: Bool)] = []

  /// The symbols in the text of an `image.symbols`.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let address = UInt64(words[0], radix: 16) else { continue }
      symbols.append((address, String(words[2]), "TtWw".contains(words[1])))
    }
    symbols.sort { $0.address < $1.address }
  }

  /// The function that `address` is in, and how far; `nil` outside all of them.
  func place(of address: UInt64) -> (name: String, offset: UInt64)? {
    let index = symbols.partitioningIndex { $0.address > address }
    if index == 0 { return nil }
    let symbol = symbols[index - 1]
    // Behind the last symbol there is no image any more.
    if !symbol.isCode || index == symbols.count { return nil }
    return (symbol.name, address - symbol.address)
  }

  /// The lines behind a trap's dump that name the addresses in it, each once, in their order.
  func lines(for dump: [String]) -> [String] {
    var told: Set<UInt64> = []
    var lines: [String] = []
    for word in dump.flatMap({ $0.split(separator: " ") }) where word.count == 16 {
      guard let address = UInt64(word, radix: 16), !told.contains(address),
        let place = place(of: address)
      else { continue }
      told.insert(address)
      lines.append("  \(word) is \(place.name) + \(place.offset)")
    }
    return lines
  }

  /// A machine's lines as text; after a trap, with the names of what the image's file has symbols
  /// for beside it.
  static func told(_ lines: [String], image: FilePath) -> String {
    var lines = lines
    if let trap = lines.firstIndex(where: { $0.hasPrefix("TRAP on processor") }) {
      var path = image
      path.extension = "symbols"
      do throws(ToolError) {
        let names = TrapNames(
          String(
            decoding: try InputFile.bytes(of: path.string, atMost: 1 << 24), as: UTF8.self))
        lines += names.lines(for: Array(lines[trap...]))
      } catch {
        lines.append("  \(path.lastComponent?.string ?? "the symbols") cannot be read")
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension Array {
  /// The first index whose element, and all behind it, `belongs`; they are in such an order.
  fileprivate func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
