import IOMMU

/// A mapping that a replay holds from its map to its unmap.
enum HeldMapping: ~Copyable {
  case none
  case toDevice(Mapping<ToDevice>)
  case fromDevice(Mapping<FromDevice>)
  case bothWays(Mapping<Bidirectional>)
  case listToDevice(ScatterMapping<ToDevice>)
  case listFromDevice(ScatterMapping<FromDevice>)
  case listBothWays(ScatterMapping<Bidirectional>)

  /// Moves the mapping out and leaves none.
  mutating func take() -> HeldMapping {
    let taken = self
    self = .none
    return taken
  }
}

/// A direction whose mappings can be held.
protocol HeldDirection: DMADirection {
  static func held(_ mapping: consuming Mapping<Self>) -> HeldMapping
  static func held(_ list: consuming ScatterMapping<Self>) -> HeldMapping
}

extension ToDevice: HeldDirection {
  static func held(_ mapping: consuming Mapping<ToDevice>) -> HeldMapping { .toDevice(mapping) }
  static func held(_ list: consuming ScatterMapping<ToDevice>) -> HeldMapping {
    .listToDevice(list)
  }
}

extension FromDevice: HeldDirection {
  static func held(_ mapping: consuming Mapping<FromDevice>) -> HeldMapping {
    .fromDevice(mapping)
  }
  static func held(_ list: consuming ScatterMapping<FromDevice>) -> HeldMapping {
    .listFromDevice(list)
  }
}

extension Bidirectional: HeldDirection {
  static func held(_ mapping: consuming Mapping<Bidirectional>) -> HeldMapping {
    .bothWays(mapping)
  }
  static func held(_ list: consuming ScatterMapping<Bidirectional>) -> HeldMapping {
    .listBothWays(list)
  }
}
