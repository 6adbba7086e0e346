public import Synchronization

/// A lock for short critical sections that works without an operating system.
///
/// Context: any processor; not from an interrupt handler that may interrupt a holder on the same
/// processor. Allocates: never.
public struct SpinLock: ~Copyable, Sendable {
  @usableFromInline
  let held = Atomic<Bool>(false)

  @usableFromInline
  let shared: SharedObject

  /// An open lock.
  ///
  /// `label` is what reports of explorers call it, and `lines` are the cache lines besides its own
  /// that a holder reads or writes, as a rule; both are for builds with yield points alone.
  @inlinable
  public init(_ label: StaticString = "", lines: Int = 0) {
    shared = SharedObject(label, lines: lines)
  }

  /// Runs `body` while no other caller of this lock runs theirs.
  ///
  /// Acquiring here pairs with the releasing store of the holder before: what it wrote is seen.
  /// What comes before `body` is filled in by the compiler, for explorers of interleavings.
  @inlinable
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    function: StaticString = #function, file: StaticString = #fileID, line: Int = #line,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock(function: function, file: file, line: line)
    defer { unlock(function: function, file: file, line: line) }
    return try body()
  }

  /// Takes the lock; pair it with ``unlock(function:file:line:)`` on every way out.
  @inlinable
  @inline(__always)
  public borrowing func lock(
    function: StaticString = #function, file: StaticString = #fileID, line: Int = #line
  ) {
    YieldPoint.reached(
      .lock, shared, at: address, function: function, file: file, line: line)
    while held.exchange(true, ordering: .acquiring) {
      while held.load(ordering: .relaxed) {
        YieldPoint.reached(.wait, shared, function: function, file: file, line: line)
      }
    }
  }

  /// Takes the lock if nobody has it; true where it is the caller's now.
  ///
  /// It never waits, and so may be called with locks held that are taken inside this one elsewhere.
  @inlinable
  @inline(__always)
  public borrowing func tryLock(
    function: StaticString = #function, file: StaticString = #fileID, line: Int = #line
  ) -> Bool {
    YieldPoint.reached(
      .tryLock, shared, at: address, function: function, file: file, line: line)
    return !held.exchange(true, ordering: .acquiring)
  }

  /// Gives the lock back.
  @inlinable
  @inline(__always)
  public borrowing func unlock(
    function: StaticString = #function, file: StaticString = #fileID, line: Int = #line
  ) {
    YieldPoint.reached(
      .unlock, shared, at: address, function: function, file: file, line: line)
    held.store(false, ordering: .releasing)
  }
}
