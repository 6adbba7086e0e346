import IOMMU

/// Something that is initialised once, used, and freed once; whatever else happens is reported.
///
/// Context: set-up, tasks and end of a run. Each operation is one step.
public final class ExploredResource: @unchecked Sendable {
  private enum State {
    case fresh
    case ready(StepPlace)
    case freed(StepPlace)
  }

  private let object: ExploredObject
  private let name: String
  private var state = State.fresh

  /// A resource that was not initialised yet, called `name` in schedules and reports.
  ///
  /// At the end of the run it is checked for `leak`: initialised, and never freed.
  public init(_ name: String) {
    object = ExploredObject(name)
    self.name = name
    Execution.current?.resources.append(self)
  }

  /// Initialises it.
  ///
  /// Reports `double-initialisation` where it is so already; what was freed may be initialised
  /// again.
  public func initialise(file: StaticString = #fileID, line: Int = #line) {
    object.reached(.store, file, line, verb: "initialise")
    let place = StepPlace(function: "", file: file, line: line)
    if case .ready(let first) = state {
      report("double-initialisation", "is initialised", place, "was so", first)
    }
    state = .ready(place)
  }

  /// Uses it.
  ///
  /// Reports `use-after-free` or `use-before-initialisation`.
  public func use(file: StaticString = #fileID, line: Int = #line) {
    object.reached(.load, file, line, verb: "use")
    let place = StepPlace(function: "", file: file, line: line)
    switch state {
    case .ready: break
    case .freed(let end): report("use-after-free", "is used", place, "was freed", end)
    case .fresh: report("use-before-initialisation", "is used", place)
    }
  }

  /// Frees it.
  ///
  /// Reports `double-free`, or `use-before-initialisation`.
  public func free(file: StaticString = #fileID, line: Int = #line) {
    object.reached(.store, file, line, verb: "free")
    let place = StepPlace(function: "", file: file, line: line)
    switch state {
    case .ready: break
    case .freed(let end): report("double-free", "is freed", place, "was so", end)
    case .fresh: report("use-before-initialisation", "is freed", place)
    }
    state = .freed(place)
  }

  /// Reports what was initialised and not freed.
  func checkAtEnd(_ execution: Execution) {
    guard case .ready(let place) = state else { return }
    execution.report("leak", "\(name), initialised at \(place.text), is never freed")
  }

  private func report(
    _ checker: String, _ now: String, _ place: StepPlace, _ before: String? = nil,
    _ earlier: StepPlace? = nil
  ) {
    var text = "\(name) \(now) at \(place.text)"
    if let before, let earlier { text += " and \(before) at \(earlier.text)" }
    Execution.current?.report(checker, text)
  }
}
