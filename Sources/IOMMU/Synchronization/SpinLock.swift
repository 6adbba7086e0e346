public import Synchronization

/// A lock for short critical sections that works without an operating system.
///
/// Context: any processor; not from an interrupt handler that may interrupt a holder on the same
/// processor. Allocates: never.
public struct SpinLock: ~Copyable, Sendable {
  @usableFromInline
  let held = Atomic<Bool>(false)

  /// An open lock.
  @inlinable
  public init() {}

  /// Runs `body` while no other caller of this lock runs theirs.
  ///
  /// Acquiring here pairs with the releasing store of the holder before: what it wrote is seen.
  @inlinable
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  /// Takes the lock; pair it with ``unlock()`` on every way out.
  @inlinable
  public borrowing func lock() {
    YieldPoint.reached(.lock)
    while held.exchange(true, ordering: .acquiring) {
      while held.load(ordering: .relaxed) { YieldPoint.reached(.lock) }
    }
  }

  /// Gives the lock back.
  @inlinable
  public borrowing func unlock() {
    held.store(false, ordering: .releasing)
    YieldPoint.reached(.unlock)
  }
}
