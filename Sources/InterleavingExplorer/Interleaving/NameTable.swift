/// From the names of objects to small numbers, in the order in which the names were first seen.
///
/// Number 0 is the name 0, which stands for everything. Open addressing, at most half full.
struct NameTable {
  private var slots: [Int32] = [Int32](repeating: -1, count: 64)
  /// The names by number.
  private(set) var names: [UInt64] = []

  init() {
    _ = number(of: 0)
  }

  /// The number of `name`, which is a new one if it was never seen.
  ///
  /// Complexity: O(1) expected.
  mutating func number(of name: UInt64) -> Int32 {
    let mask = slots.count - 1
    var slot = Self.start(name) & mask
    while slots[slot] >= 0 {
      if names[Int(slots[slot])] == name { return slots[slot] }
      slot = (slot + 1) & mask
    }
    let number = Int32(names.count)
    slots[slot] = number
    names.append(name)
    if names.count * 2 > slots.count { grow() }
    return number
  }

  private static func start(_ name: UInt64) -> Int {
    Int(truncatingIfNeeded: (name &* 0x9e37_79b9_7f4a_7c15) &>> 33)
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    let mask = slots.count - 1
    for (number, name) in names.enumerated() {
      var slot = Self.start(name) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(number)
    }
  }
}
