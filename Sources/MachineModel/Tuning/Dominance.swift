/// For each flush queue, the `rollover` that does at least as much work with the least exposure.
public struct Dominance: Sendable {
  /// How many times shorter the window has to be.
  public static let factor = 10.0

  /// One flush queue and its counterpart.
  public struct Entry: Equatable, Sendable {
    /// The queue's index among the settings.
    public var queue: Int
    /// The index of the `rollover`, or `nil` where none has as high a rate.
    public var rollover: Int?
    /// The queue's window divided by that of the `rollover`; infinite where the latter has none.
    ///
    /// The queue's is what its run has shown at least, the other never too low.
    public var windowRatio: Double
    /// The rate of the `rollover` divided by the queue's.
    public var rateRatio: Double

    /// Whether the window is ``Dominance/factor`` times shorter at no loss.
    public var isDominated: Bool { windowRatio >= Dominance.factor }
  }

  /// One entry for each queue, in the settings' order.
  public var entries: [Entry]

  /// Compares the queues with the `rollover`s among `settings`, where they agree in map-side
  /// modifiers.
  ///
  /// Complexity: O(queues × rollovers).
  public init(_ settings: [TunedSetting]) {
    let rollovers = settings.indices.filter { settings[$0].policy.isRollover }
    entries = settings.indices.filter { settings[$0].policy.isQueue }.map { index in
      let queue = settings[index]
      let best = rollovers.filter {
        settings[$0].rate >= queue.rate && settings[$0].policy.mapSide == queue.policy.mapSide
      }.min { left, right in
        let (left, right) = (settings[left], settings[right])
        if left.exposure.value != right.exposure.value {
          return left.exposure.value < right.exposure.value
        }
        return left.rate > right.rate
      }
      guard let best else {
        return Entry(queue: index, rollover: nil, windowRatio: 0, rateRatio: 0)
      }
      return Entry(
        queue: index, rollover: best,
        windowRatio: Self.ratio(queue.exposure.atLeast, settings[best].exposure.value),
        rateRatio: Self.ratio(settings[best].rate, queue.rate))
    }
  }

  /// The queues that are not dominated.
  public var exceptions: [Entry] { entries.filter { !$0.isDominated } }

  /// The entry with the least ratio of windows; of several, the first.
  public var worst: Entry? { entries.min { $0.windowRatio < $1.windowRatio } }

  /// Where both are nothing, neither is more.
  private static func ratio(_ left: Double, _ right: Double) -> Double {
    left == right ? 1 : left / right
  }
}
