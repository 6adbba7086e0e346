import IOMMU

/// Who handles one kind of interrupt.
struct InterruptRoute {
  /// The number of the processor.
  let cpu: Int
  /// Runs on it.
  let handler: () -> Void
  /// Whether an interrupt is on its way; another one meanwhile adds nothing, as it is one bit.
  var isPending = false
}

/// Adapter interrupts: one for each of the eight subclasses, made by any function's summary bit.
final class AdapterInterrupts: EventTarget {
  private let timeline: Timeline
  private let costs: InterruptCosts
  private var routes: [InterruptRoute?] = Array(repeating: nil, count: 8)
  private var target: Int32 = 0

  init(timeline: Timeline, costs: InterruptCosts) {
    self.timeline = timeline
    self.costs = costs
    target = timeline.addTarget(self)
  }

  /// Says who handles `subclass`.
  func route(_ subclass: Int, _ route: InterruptRoute) {
    routes[subclass] = route
  }

  /// Forgets who handles them.
  func dropRoutes() {
    routes = Array(repeating: nil, count: 8)
  }

  /// Makes an interrupt of `subclass`; without a handler it is lost.
  func raise(_ subclass: Int) {
    guard let route = routes[subclass], !route.isPending else { return }
    routes[subclass]?.isPending = true
    _ = timeline.cpus[route.cpu].work.schedule(
      at: timeline.deviceTime &+ costs.latencyNanoseconds, target: target, token: UInt64(subclass))
  }

  func handleEvent(_ token: UInt64) {}

  func handleWork(_ token: UInt64) {
    guard let route = routes[Int(token)] else { return }
    routes[Int(token)]?.isPending = false
    timeline.charge(picoseconds: costs.entryNanoseconds &* 1_000)
    route.handler()
  }
}
