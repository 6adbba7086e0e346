public import IOMMU

/// What a sweep over settings teaches: fronts, dominance, and what to choose.
public struct TuningReport: Sendable {
  /// Settings that agree in what they ask of drivers.
  public struct Family: Sendable {
    /// What drivers have to support.
    public var mapSide: PolicyModifiers
    /// All of its settings.
    public var members: [Int]
    /// The front of its `rollover` settings, by rising window.
    public var rollovers: [Int]
    /// The front of its flush queues.
    public var queues: [Int]
    /// The front of all its settings.
    public var all: [Int]
    /// Each queue against the `rollover` settings.
    public var dominance: Dominance
    /// What to choose among its settings.
    public var choice: Choice?
  }

  /// Of some settings with enough of their best rate, the one with the least window.
  public struct Choice: Equatable, Sendable {
    /// The setting.
    public var index: Int
    /// The greatest rate of those that there were to choose from.
    public var bestRate: Double
  }

  /// All settings that were tried, in the order of the sweep.
  public var settings: [TunedSetting]

  /// The share of the best rate that a recommendation has to reach.
  public var atLeast: Double

  /// The greatest rate of all settings.
  public var bestRate: Double

  /// The families, the one without modifiers first; indices are those of ``settings``.
  public var families: [Family]

  /// The front of all settings.
  public var front: [Int]

  /// What to choose among all settings.
  public var choice: Choice?

  /// What to choose among those that Linux can be made to follow.
  public var linuxChoice: Choice?

  /// What to choose among those that Linux follows without being rebuilt.
  public var settableChoice: Choice?

  /// What `settings` teach on a machine whose translation is of `kind`.
  public init(_ settings: [TunedSetting], atLeast: Double, kind: TranslationKind) {
    self.settings = settings
    self.atLeast = atLeast
    let every = Array(settings.indices)
    bestRate = settings.map(\.rate).max() ?? 0
    front = Self.front(every, settings)
    let sides = PolicyModifiers.batch.union(.reuse).rawValue
    families = (0...sides).compactMap { bits in
      let members = every.filter { settings[$0].policy.mapSide.rawValue == bits }
      return members.isEmpty ? nil : Self.family(bits, members, settings, atLeast)
    }
    choice = Self.choose(every, settings, atLeast)
    let linux = every.map { LinuxSetting(settings[$0].policy, kind) }
    linuxChoice = Self.choose(every.filter { linux[$0].exists }, settings, atLeast)
    settableChoice = Self.choose(every.filter { linux[$0].isSettable }, settings, atLeast)
  }

  private static func family(
    _ bits: UInt8, _ members: [Int], _ settings: [TunedSetting], _ atLeast: Double
  ) -> Family {
    var dominance = Dominance(settings)
    dominance.entries.removeAll { settings[$0.queue].policy.mapSide.rawValue != bits }
    return Family(
      mapSide: PolicyModifiers(rawValue: bits), members: members,
      rollovers: front(members.filter { settings[$0].policy.isRollover }, settings),
      queues: front(members.filter { settings[$0].policy.isQueue }, settings),
      all: front(members, settings), dominance: dominance,
      choice: choose(members, settings, atLeast))
  }

  private static func front(_ members: [Int], _ settings: [TunedSetting]) -> [Int] {
    ParetoFront.indices(
      of: members, gain: { settings[$0].rate }, cost: { settings[$0].exposure.value }
    ).map { members[$0] }
  }

  /// Of `members` with at least that share of their best rate, the one with the least window.
  ///
  /// Of several, the simplest: fewest modifiers, then fewest parameters, then the simplest policy;
  /// then the fastest, then the first. `nil` where none has a rate.
  static func choose(_ members: [Int], _ settings: [TunedSetting], _ atLeast: Double) -> Choice? {
    let best = members.map { settings[$0].rate }.max() ?? 0
    let fastEnough = members.filter { settings[$0].rate > 0 && settings[$0].rate >= atLeast * best }
    let index = fastEnough.min {
      let (left, right) = (settings[$0], settings[$1])
      if left.exposure.value != right.exposure.value {
        return left.exposure.value < right.exposure.value
      }
      if left.policy.complexity != right.policy.complexity {
        return left.policy.complexity < right.policy.complexity
      }
      return left.rate > right.rate
    }
    return index.map { Choice(index: $0, bestRate: best) }
  }
}
