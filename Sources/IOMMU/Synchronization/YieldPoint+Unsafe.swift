extension YieldPoint {
  #if InterleavingExploration
  // SAFETY: it is written before any other thread runs, and only read from then on.
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
    // SAFETY: nobody writes it any more; see above.
    unsafe observer?(point)
    #endif
  }
}
