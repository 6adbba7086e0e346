/// The words for what was recorded, the same in every output.
extension TraceDirection {
  /// The direction in one word.
  public var word: String {
    switch self {
    case .bidirectional: "bidirectional"
    case .toDevice: "to-device"
    case .fromDevice: "from-device"
    case .none: "none"
    }
  }
}

extension RecordedOperation.UnmapCause {
  /// How the unmap is known, in one word.
  public var word: String {
    switch self {
    case .recorded: "recorded"
    case .implied: "implied"
    }
  }
}

extension RecordedInvalidation.Scope {
  /// How much was meant, in one word.
  public var word: String {
    switch self {
    case .range: "range"
    case .global: "global"
    }
  }
}

extension RecordedInvalidation.Cause {
  /// What it was for, in one word.
  public var word: String {
    switch self {
    case .map: "map"
    case .unmap: "unmap"
    case .other: "other"
    }
  }
}
