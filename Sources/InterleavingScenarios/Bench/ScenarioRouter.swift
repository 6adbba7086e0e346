import IOMMU
import MachineModel

/// Tells each domain's checkers what the machine does with that domain, and no other.
///
/// A function belongs to the domain whose root table is registered for it. The checkers of a domain
/// that a function has left hear that its translation was taken back, even where another domain's
/// came in its place.
final class ScenarioRouter: MachineObserver {
  private struct Route {
    /// `nil` until the domain has a root.
    var root: UInt64?
    let suite: CheckerSuite

    func owns(_ root: UInt64?) -> Bool { root != nil && root == self.root }
  }

  private var routes: [Route] = []
  private var roots: [Int: UInt64] = [:]
  /// The tables that are out now.
  private var tables: [UInt64: PhysicalRange] = [:]

  /// Adds the checkers of a domain that is about to be made.
  func add(_ suite: CheckerSuite) {
    for table in tables.values {
      suite.tableAllocated(table, time: Instant(nanoseconds: 0))
    }
    routes.append(Route(root: nil, suite: suite))
  }

  /// Says where the root table of the domain with `suite` lies.
  func settle(_ suite: CheckerSuite, root: PhysicalAddress) {
    for index in routes.indices where routes[index].suite === suite {
      routes[index].root = root.rawValue
    }
  }

  func deviceAccessed(_ access: DeviceAccess) {
    for route in routes where route.owns(roots[access.function]) {
      route.suite.deviceAccessed(access)
    }
  }

  func translationsRefreshed(_ refresh: TranslationRefresh) {
    for route in routes where route.owns(roots[refresh.function]) {
      route.suite.translationsRefreshed(refresh)
    }
  }

  func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant
  ) {
    let before = roots[function]
    let root = designation.map { $0 & ~0xfff }
    roots[function] = root
    for route in routes {
      if route.owns(root) {
        route.suite.translationRegistered(
          function: function, designation: designation, range: range, time: time)
      } else if route.owns(before) {
        route.suite.translationRegistered(
          function: function, designation: nil, range: nil, time: time)
      }
    }
  }

  func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant
  ) {
    for route in routes {
      route.suite.functionConditionChanged(function: function, from: from, to: to, time: time)
    }
  }

  func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant
  ) {
    for route in routes {
      route.suite.entriesStored(at: address, count: count, first: first, step: step, time: time)
    }
  }

  func tableAllocated(_ table: PhysicalRange, time: Instant) {
    tables[table.first.rawValue] = table
    for route in routes { route.suite.tableAllocated(table, time: time) }
  }

  func tableFreed(_ table: PhysicalRange, time: Instant) {
    tables[table.first.rawValue] = nil
    for route in routes { route.suite.tableFreed(table, time: time) }
  }
}
