/// Makes a failing run smaller while it still fails in the same way.
///
/// First the steps behind the failure go, then as many others as possible: all of them, each half,
/// each quarter and so on. The same failure gives the same result.
public struct SimulationShrinker {
  /// The smallest run so far.
  public private(set) var options: SimulationOptions
  /// How it fails.
  public private(set) var failure: SimulationFailure
  /// The number of runs that may still be tried.
  private var budget: Int

  /// A shrinker for a run with `options` that ended in `failure`.
  public init(_ options: SimulationOptions, _ failure: SimulationFailure, budget: Int = 600) {
    self.options = options
    self.failure = failure
    self.budget = budget
    cut(failure)
  }

  /// Takes away all that it can.
  public mutating func shrink() {
    var size = options.operations
    while size >= 1 && budget > 0 {
      removeRuns(of: size)
      size /= 2
    }
  }

  private mutating func removeRuns(of size: Int) {
    var kept = steps
    var end = kept.count
    while end > 0 && budget > 0 {
      let start = max(end - size, 0)
      let fewer = Array(kept[..<start] + kept[end...])
      var smaller = options
      smaller.only = Self.ranges(fewer)
      if attempt(smaller) { kept = fewer }
      end = start
    }
  }

  /// Takes `smaller` over if it fails as before.
  private mutating func attempt(_ smaller: SimulationOptions) -> Bool {
    budget -= 1
    guard budget >= 0, let found = Self.failure(of: smaller), found.checker == failure.checker
    else { return false }
    options = smaller
    failure = found
    cut(found)
    return true
  }

  private mutating func cut(_ failure: SimulationFailure) {
    options.operations = min(options.operations, failure.step + 1)
  }

  private var steps: [Int] {
    (0..<options.operations).filter { options.does($0) }
  }

  /// How a run with `options` fails, or `nil`.
  public static func failure(of options: SimulationOptions) -> SimulationFailure? {
    do throws(MachineDescriptionError) {
      let simulation = try Simulation(options)
      simulation.run()
      return simulation.failure
    } catch {
      return nil
    }
  }

  /// The last steps before the failure, in words.
  public func story(of steps: Int) -> [String] {
    var options = options
    options.narratesFrom = options.only == nil ? max(failure.step - steps, -1) : -1
    do throws(MachineDescriptionError) {
      let simulation = try Simulation(options)
      simulation.run()
      return simulation.narration.suffix(steps)
    } catch {
      return []
    }
  }

  static func ranges(_ steps: [Int]) -> [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    for step in steps {
      if let last = ranges.last, last.upperBound + 1 == step {
        ranges[ranges.count - 1] = last.lowerBound...step
      } else {
        ranges.append(step...step)
      }
    }
    return ranges
  }
}
