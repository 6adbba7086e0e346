/// A place where another processor may get in between; an explorer switches tasks only here.
///
/// Each kind says what the code does next, up to its next yield point, to the ``SharedObject`` that
/// it names. Whatever else is touched until then is either the processor's own, or guarded by a
/// lock that the explorer saw taken: its reductions rely on that.
/// In ordinary builds ``YieldPoint/reached(_:_:function:file:line:)`` compiles to nothing. With the
/// package trait `InterleavingExploration` it calls the observer.
@frozen
public enum YieldPoint: UInt8, Sendable, BitwiseCopyable {
  /// A lock is about to be taken.
  case lock
  /// A lock is about to be given back.
  case unlock
  /// Something that another processor may write is about to be read.
  case load
  /// Something that another processor may read or write is about to be written or exchanged.
  case store
  /// What was read says to wait until another processor stores to the same object.
  case wait
  /// An instruction that leaves the processor is about to be issued.
  case instruction
  /// A lock is about to be taken if nobody has it.
  case tryLock
}

extension YieldPoint {
  /// Marks the place.
  ///
  /// `object` is what the code is about to touch; without one it counts as touching everything.
  /// `address` tells parts of it apart that lie in different cache lines, where that matters.
  /// Complexity: nothing at all in ordinary builds.
  @inlinable
  @inline(__always)
  public static func reached(
    _ point: YieldPoint, _ object: SharedObject = .everything,
    at address: @autoclosure () -> UInt64 = 0,
    function: StaticString = #function, file: StaticString = #fileID, line: Int = #line
  ) {
    #if InterleavingExploration
    let place = YieldPlace(function: function, file: file, line: line)
    if let observer { observer.reached(point, object, place, at: address()) }
    #endif
  }
}
