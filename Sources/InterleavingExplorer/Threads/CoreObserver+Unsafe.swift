import IOMMU

/// Joins the core's yield points to the explorations; only where the core has any.
enum CoreObserver {
  // Runs once, however many explorations begin.
  static let installed: Void = {
    #if InterleavingExploration
    // SAFETY: nobody is observed before; `prepareForExploration` says when to call it.
    unsafe YieldPoint.unsafeObserver = ExplorationObserver()
    #endif
  }()
}

/// Whether the core's yield points are compiled in: the package trait `InterleavingExploration`.
public var coreYieldPointsAreObserved: Bool {
  #if InterleavingExploration
  true
  #else
  false
  #endif
}

/// Makes the core tell explorations of its yield points.
///
/// ``explore(_:_:)`` does so by itself. Call it before other threads use the core, where there are
/// such threads before the first exploration.
public func prepareForExploration() {
  CoreObserver.installed
}

#if InterleavingExploration
/// Tells the calling thread's exploration of yield points, and nobody outside of explorations.
private struct ExplorationObserver: YieldObserver {
  func nameObject(_ label: StaticString, lines: Int) -> UInt64 {
    guard let context = ThreadContext.current else { return 0 }
    if let meter = context.meter { return meter.nameObject(label, lines: lines) }
    return context.nameObject()
  }

  func reached(
    _ point: YieldPoint, _ object: SharedObject, _ place: YieldPlace, at address: UInt64
  ) {
    let place = StepPlace(function: place.function, file: place.file, line: place.line)
    ThreadContext.reached(point, object.name, place, at: address)
  }
}
#endif
