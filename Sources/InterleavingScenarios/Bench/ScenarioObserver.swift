import Glibc
import IOMMU
import InterleavingExplorer
import MachineModel

/// Passes what a domain does on to the checkers, each call a step of its own.
///
/// The checkers' record is one more thing that tasks share, so it is named to the explorer: what
/// happens to pages may change places with each other, but not with an invalidation.
final class ScenarioObserver: DomainObserver, @unchecked Sendable {
  let suite: CheckerSuite
  private let machine: SharedMachine
  private let shared = SharedObject()
  /// The invalidations that each thread is in the middle of; inside the machine's gate.
  private var open: [UInt: [CheckerSuite.OpenInvalidation]] = [:]

  init(suite: CheckerSuite, machine: SharedMachine) {
    self.suite = suite
    self.machine = machine
  }

  func allocated(_ device: IOVARange) { page { $0.allocated(device) } }

  func mapped(
    _ device: IOVARange, to memory: PhysicalRange, _ permission: DevicePermission
  ) {
    page { $0.mapped(device, to: memory, permission) }
  }

  func usable(_ device: IOVARange) { page { $0.usable(device) } }

  func unmapped(_ device: IOVARange) { page { $0.unmapped(device) } }

  func unmapReturned(_ device: IOVARange) { page { $0.unmapReturned(device) } }

  func reused(_ device: IOVARange) { page { $0.reused(device) } }

  func quarantined(_ device: IOVARange) { page { $0.quarantined(device) } }

  func invalidationBegan(_ range: IOVARange?) {
    YieldPoint.reached(.store, shared)
    machine.exclusively { _ in open[pthread_self(), default: []].append(suite.beginInvalidation()) }
  }

  func invalidationEnded(_ range: IOVARange?, succeeded: Bool) {
    YieldPoint.reached(.store, shared)
    machine.exclusively { _ in
      guard let began = open[pthread_self()]?.popLast() else { return }
      suite.endInvalidation(began, of: range, succeeded: succeeded)
    }
    reportViolations()
  }

  private func page(_ tell: (CheckerSuite) -> Void, function: StaticString = #function) {
    YieldPoint.reached(.load, shared, function: function)
    machine.exclusively { _ in tell(suite) }
    reportViolations()
  }

  /// Ends the run where a promise was broken.
  func reportViolations() {
    let found = machine.exclusively { _ in suite.log.first.first }
    guard let first = found else { return }
    Execution.current?.report("\(first.promise)", first.message)
  }
}
