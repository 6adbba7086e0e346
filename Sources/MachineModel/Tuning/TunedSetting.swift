public import IOMMU

/// One policy with its sizes and times, and what it came to.
public struct TunedSetting: Sendable {
  /// What the run came to.
  public var result: ExperimentResult

  /// Requests per second of the machine's time; 0 where none was completed.
  public var rate: Double

  /// What it exposed.
  public var exposure: Exposure

  /// The policy.
  public var policy: PolicyChoice { result.policy }

  /// What a run came to, by a measure.
  public init(_ result: ExperimentResult, _ measure: WindowMeasure, on machine: MachineDescription)
  {
    self.result = result
    rate = result.rate ?? 0
    let given = PolicyChoice(result.resolution.policy, result.policy.modifiers)
    exposure = Exposure(result.window, measure, under: given, on: machine)
  }
}

extension PolicyChoice {
  /// The modifiers that change when a driver's mappings are announced, or whether.
  ///
  /// Settings are compared with each other only where they agree in these: a driver has to be
  /// written for them. `piggyback` is the policy's own affair.
  public var mapSide: PolicyModifiers {
    PolicyModifiers(rawValue: modifiers.rawValue & PolicyModifiers.batch.union(.reuse).rawValue)
  }

  /// Whether it is `rollover`.
  public var isRollover: Bool {
    if case .rollover = policy { return true }
    return false
  }

  /// Whether it is a flush queue.
  public var isQueue: Bool {
    switch policy {
    case .queue, .singleQueue: true
    default: false
    }
  }

  /// How much there is to know about a setting: fewer modifiers, then fewer parameters, then the
  /// simpler policy.
  var complexity: Int {
    let (kind, parameters) =
      switch policy {
      case .identity: (0, 0)
      case .strict: (1, 0)
      case .legacyStrict: (2, 0)
      case .legacy: (3, 0)
      case .queue: (4, 2)
      case .singleQueue: (5, 2)
      case .rollover(let age, let stale): (6, (age == nil ? 0 : 1) + (stale == nil ? 0 : 1))
      }
    return modifiers.rawValue.nonzeroBitCount * 100 + parameters * 10 + kind
  }
}
