/// Names that stand in a trace again and again, as small numbers.
///
/// The table is bounded: a trace with more names than it holds gets `NameTable.unnamed` for the
/// rest. Names are found by their FNV-1a hash (Fowler, Noll and Vo's constants for 64 bits); a name
/// whose hash is taken by another name is left unnamed too.
struct NameTable: Sendable {
  /// The number of a name that is not held.
  static let unnamed = -1

  /// The most names held.
  static let capacity = 4_096
  /// The longest name held, in bytes.
  static let lengthMax = 256

  private var indices: [UInt64: Int] = [:]
  private var names: [[UInt8]] = []

  /// An empty table, or one that holds `known` under the numbers from 0 on.
  init(known: [String] = []) {
    for name in known {
      let bytes = Array(name.utf8)
      _ = index(of: 0..<bytes.count, in: bytes.span)
    }
  }

  /// The number of the name that stands at `range`, which is added if it is new.
  mutating func index(of range: Range<Int>, in bytes: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for position in range {
      hash = (hash ^ UInt64(bytes[position])) &* 0x0000_0100_0000_01b3
    }
    if let index = indices[hash] {
      return isName(index, at: range, in: bytes) ? index : Self.unnamed
    }
    if names.count >= Self.capacity || range.count > Self.lengthMax { return Self.unnamed }
    var name: [UInt8] = []
    name.reserveCapacity(range.count)
    for position in range { name.append(bytes[position]) }
    indices[hash] = names.count
    names.append(name)
    return names.count - 1
  }

  /// The name under `index`, or a word for none.
  func text(_ index: Int) -> String {
    names.indices.contains(index) ? String(decoding: names[index], as: UTF8.self) : "(unnamed)"
  }

  private func isName(_ index: Int, at range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    let count = names[index].count
    if count != range.count { return false }
    for offset in 0..<count where names[index][offset] != bytes[range.lowerBound + offset] {
      return false
    }
    return true
  }
}
