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
}
