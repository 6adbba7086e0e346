// Enumerations with payloads, optionals, options.

enum Shape {
  case point
  case circle(radius: UInt32)
  case rectangle(width: UInt64, height: UInt16)
  case named(StaticString, UInt8?)
  indirect case both(Shape, Shape)

  var measure: UInt64 {
    switch self {
    case .point: 1
    case .circle(let radius): UInt64(radius) * 3
    case .rectangle(let width, let height) where width == UInt64(height): 7_000_000 + width
    case .rectangle(let width, let height): width &* UInt64(height)
    case .named(let name, .some(let extra)): UInt64(name.utf8CodeUnitCount) << UInt64(extra)
    case .named(_, nil): 5
    case .both(let left, let right): left.measure &* 31 &+ right.measure
    }
  }
}

enum Level: UInt8, CaseIterable, Comparable {
  case low = 3
  case middle = 0x80
  case high = 0xff

  static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

struct Permissions: OptionSet {
  var rawValue: UInt16
  static let read = Permissions(rawValue: 1)
  static let write = Permissions(rawValue: 1 << 15)
  static let all: Permissions = [.read, .write]
}

func enumerations() {
  let shapes: [Shape] = [
    .point, .circle(radius: disguised(0xffff_ffff)), .rectangle(width: 1 << 40, height: 0xfffe),
    .rectangle(width: 7, height: 7), .named("four", 3), .named("none", nil),
    .both(.circle(radius: 2), .both(.point, .rectangle(width: 3, height: 4))),
  ]
  for shape in shapes { show("payload", shape.measure) }
  show(
    "raw values", Level(rawValue: disguised(0x80)) == .middle, Level(rawValue: disguised(4)) == nil,
    Level.allCases.count, Level.low < .high, Level.allCases.max() == .high)
  var permissions: Permissions = [.read]
  let inserted = permissions.insert(.write)
  show(
    "options", permissions.rawValue, inserted.inserted, permissions.contains(.all),
    permissions.subtracting(.read).rawValue, permissions.symmetricDifference(.all).isEmpty)
  optionals()
}

private func optionals() {
  let some: UInt16? = disguised(true) ? 0x8001 : nil
  let none: UInt16? = disguised(false) ? 0x8001 : nil
  show("optionals", some, none, some ?? 1, none ?? 1, some.map { UInt32($0) << 4 })
  show("optional chains", none?.byteSwapped, some?.byteSwapped, some.flatMap { UInt8(exactly: $0) })
  var slot: UInt64? = 5
  let taken = slot.take()
  show("take", taken, slot, some == 0x8001, none == nil)
  let nested: [UInt8???] = [.some(.some(.some(9))), .some(.some(nil)), .some(nil), nil]
  for value in nested {
    switch value {
    case .some(.some(.some(let number))): show("nested", number)
    case .some(.some(nil)): show("nested", "two deep" as StaticString)
    case .some(nil): show("nested", "one deep" as StaticString)
    case nil: show("nested", "nothing" as StaticString)
    }
  }
  if case .circle(let radius)? = Optional(Shape.circle(radius: 12)), radius > 10 {
    show("if case", radius)
  }
}
