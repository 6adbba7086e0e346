import IOMMU

/// What cache lines are called: by the labels of the objects that lie in them.
struct LineNames {
  private struct Object {
    var label: StaticString
    var lines: Int
  }

  private var objects: [Object] = []
  /// Texts, by the number that their usage has.
  private(set) var texts: [String] = []
  private var numbers: [String: Int] = [:]

  /// A new object's number, from 1.
  mutating func add(_ label: StaticString, _ lines: Int) -> UInt64 {
    objects.append(Object(label: label, lines: lines))
    return UInt64(objects.count)
  }

  /// The lines that a lock guards besides its own.
  func guarded(_ object: UInt64) -> Int {
    let index = Int(object & ((1 << 40) - 1))
    return index >= 1 && index <= objects.count ? objects[index - 1].lines : 0
  }

  /// The number of a text; `isNew` where it was not known.
  mutating func number(of text: String) -> (number: Int, isNew: Bool) {
    if let known = numbers[text] { return (known, false) }
    numbers[text] = texts.count
    texts.append(text)
    return (texts.count - 1, true)
  }

  /// Which line a step is about to touch, told by the object and by where the step is.
  func key(_ object: UInt64, _ place: StepPlace, at address: UInt64) -> LineTable.Key {
    // Memory of tables has a space of its own, and so have the objects of this process.
    if object >> 63 != 0 {
      return LineTable.Key(space: 1, number: (address == 0 ? object & ~(1 << 63) : address) >> 6)
    }
    if address != 0 { return LineTable.Key(space: 2, number: address >> 6) }
    return LineTable.Key(space: 3 + UInt64(part(object, place)), number: object & baseMask(object))
  }

  /// What that line is called.
  func text(_ object: UInt64, _ place: StepPlace) -> String {
    if object >> 63 != 0 { return "table entries" }
    let index = Int(object & ((1 << 40) - 1))
    let label =
      index >= 1 && index <= objects.count ? objects[index - 1].label.description : "memory"
    let name = label.isEmpty ? place.text : label
    switch part(object, place) {
    case .openWord: return "\(name): open words"
    case .retiring: return "\(name): chunks' stale pages"
    case .processor: return "\(name): processors' fields"
    case .turns: return "\(name): turns"
    case .counters: return "\(name): counters"
    case .whole: return name
    }
  }

  /// The parts of an object that lie in lines of their own.
  private enum Part: UInt64 {
    case whole
    case counters
    case turns
    case processor
    case openWord
    case retiring
  }

  private func part(_ object: UInt64, _ place: StepPlace) -> Part {
    let number = object >> 40 & 0x7f_ffff
    if number == 0 { return .whole }
    let index = Int(object & ((1 << 40) - 1))
    guard index <= objects.count, objects[index - 1].label.description == "rollover" else {
      return .whole
    }
    // As RolloverPart numbers them: words side by side, turns, the processors, the chunks.
    if number <= 4 { return .counters }
    if number == 5 { return .turns }
    if number <= 1 << 18 { return .processor }
    let file = place.file.description
    let isOpenWord = file.hasSuffix("OpenWord.swift") || file.hasSuffix("OpenWords.swift")
    return isOpenWord ? .openWord : .retiring
  }

  /// Words that lie side by side share a line, so their numbers are left out.
  private func baseMask(_ object: UInt64) -> UInt64 {
    let number = object >> 40 & 0x7f_ffff
    let index = Int(object & ((1 << 40) - 1))
    guard number > 0, index >= 1, index <= objects.count else { return .max }
    switch objects[index - 1].label.description {
    case "rollover" where number <= 4: return (1 << 40) - 1
    case "queue counters": return (1 << 40) - 1
    // Eight words of a directory, one for each leaf table, lie in a line.
    case "table directory": return ~(7 << 40)
    default: return .max
    }
  }
}

extension UInt64 {
  fileprivate init(_ part: some RawRepresentable<UInt64>) { self = part.rawValue }
}
