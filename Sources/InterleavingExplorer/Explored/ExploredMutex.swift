import IOMMU

/// A lock of a scenario: a task waits at it until the engine's own table says that it is free.
///
/// Context: set-up, tasks and end of a run; where nobody races it does nothing.
public final class ExploredMutex: @unchecked Sendable {
  let object: ExploredObject

  /// An open lock, called `name` in schedules.
  public init(_ name: String) {
    object = ExploredObject(name)
  }

  /// Takes the lock.
  ///
  /// Reports `recursive-lock` where the task holds it already.
  public func lock(file: StaticString = #fileID, line: Int = #line) {
    object.reached(.lock, file, line)
  }

  /// Gives the lock back.
  ///
  /// Reports `unlock-not-held` where the task does not hold it.
  public func unlock(file: StaticString = #fileID, line: Int = #line) {
    object.reached(.unlock, file, line)
  }

  /// Runs `body` while no other task holds the lock.
  public func withLock<Result, Failure: Error>(
    file: StaticString = #fileID, line: Int = #line, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock(file: file, line: line)
    defer { unlock(file: file, line: line) }
    return try body()
  }
}
