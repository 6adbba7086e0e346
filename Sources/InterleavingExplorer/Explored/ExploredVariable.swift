import IOMMU

/// A word that tasks read and write, each time in one step.
///
/// Context: set-up, tasks and end of a run.
public final class ExploredVariable<Value>: @unchecked Sendable {
  private let object: ExploredObject
  private var stored: Value

  /// A variable that holds `value`, called `name` in schedules.
  public init(_ name: String, _ value: Value) {
    object = ExploredObject(name)
    stored = value
  }

  /// What it holds, without a step; for set-up and end.
  public var value: Value { stored }

  /// Reads it, in one step.
  public func load(file: StaticString = #fileID, line: Int = #line) -> Value {
    object.reached(.load, file, line)
    return stored
  }

  /// Writes it, in one step.
  public func store(_ value: Value, file: StaticString = #fileID, line: Int = #line) {
    object.reached(.store, file, line)
    stored = value
  }

  /// Reads and writes it, in one step as an atomic instruction does; returns what `body` returns.
  public func update<Result>(
    file: StaticString = #fileID, line: Int = #line, _ body: (inout Value) -> Result
  ) -> Result {
    object.reached(.store, file, line)
    return body(&stored)
  }

  /// Reads it, and as long as `condition` does not hold waits for another task to write it.
  @discardableResult
  public func wait(
    file: StaticString = #fileID, line: Int = #line, until condition: (Value) -> Bool
  ) -> Value {
    object.reached(.load, file, line)
    while !condition(stored) { object.reached(.wait, file, line) }
    return stored
  }
}
