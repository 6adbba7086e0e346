#if InterleavingExploration
/// Who is told of yield points: an explorer, which may keep the calling thread waiting.
public protocol YieldObserver: Sendable {
  /// A number for a new object, below 2 to the power 40 and never 0; the same in every run of a
  /// scenario, whatever the interleaving. 0 outside of explorations.
  ///
  /// `label` and `lines` are those of ``SharedObject/init(_:lines:)``.
  func nameObject(_ label: StaticString, lines: Int) -> UInt64

  /// The calling thread has reached `point`, where it is about to touch memory at `address`, or
  /// somewhere in `object` where that is 0.
  func reached(
    _ point: YieldPoint, _ object: SharedObject, _ place: YieldPlace, at address: UInt64)
}

/// Where in the source a yield point is.
@frozen
public struct YieldPlace: Sendable {
  /// The function.
  public let function: StaticString
  /// The file, as `Module/File.swift`.
  public let file: StaticString
  /// The line.
  public let line: Int

  /// A place.
  @inlinable
  public init(function: StaticString, file: StaticString, line: Int) {
    self.function = function
    self.file = file
    self.line = line
  }
}

extension YieldPoint {
  // SAFETY: it is written before any other thread runs, and only read from then on.
  /// Called at every yield point; set it before any other thread runs.
  nonisolated(unsafe) public static var unsafeObserver: (any YieldObserver)?

  /// Who is told; nobody at first.
  @inlinable
  static var observer: (any YieldObserver)? {
    // SAFETY: nobody writes it any more; see above.
    unsafe unsafeObserver
  }
}
#endif
