import Synchronization

/// A lock of what is around the core, not of the core: it has no yield point, so that what it
/// guards happens at once for an explorer as well.
///
/// Made of atomic operations that are compiled with the program, because the thread sanitizer does
/// not see those within the library of `Mutex`.
package struct ThreadGate: ~Copyable, Sendable {
  private let taken = Atomic<Bool>(false)

  /// An open gate.
  package init() {}

  /// Runs `body` while nobody else is inside.
  package borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    while taken.exchange(true, ordering: .acquiring) { ThreadShaker.letOthersRun() }
    defer { taken.store(false, ordering: .releasing) }
    return try body()
  }
}
