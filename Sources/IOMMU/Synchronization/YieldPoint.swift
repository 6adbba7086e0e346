/// A place where another processor may get in between; an explorer switches tasks only here.
///
/// In ordinary builds ``YieldPoint/reached(_:)`` compiles to nothing. With the package trait
/// `InterleavingExploration` it calls ``YieldPoint/observer``.
public enum YieldPoint: Sendable {
  /// A lock is about to be taken.
  case lock
  /// A lock was given back.
  case unlock
  /// An atomic that another processor may write is about to be read or written.
  case atomic
  /// An instruction that leaves the processor is about to be issued.
  case instruction

  #if InterleavingExploration
  /// Called at every yield point; set it before any other thread runs.
  nonisolated(unsafe) public static var observer: (@Sendable (YieldPoint) -> Void)?
  #endif

  /// Marks the place.
  ///
  /// Complexity: nothing at all in ordinary builds.
  @inlinable
  @inline(__always)
  public static func reached(_ point: YieldPoint) {
    #if InterleavingExploration
    unsafe observer?(point)
    #endif
  }
}
