import InterleavingExplorer
import InterleavingScenarios

// Explores the product's scenarios until a promise is found broken, for products that were broken
// on purpose: every scenario without preemptions, then with one and so on, as many as the first
// argument says; those first that had few schedules with one less, so that a mistake is not found
// only behind the longest. Scenarios that are named by the others are left out.
//
// Each is announced before it is explored, so that it is known where the process ended if the
// product stopped itself. The last line is `found SCENARIO CHECKER SCHEDULES STEPS MESSAGE` or
// `nothing SCHEDULES`.

precondition(coreYieldPointsAreObserved, "built without InterleavingExploration")
let unwanted = CommandLine.arguments.dropFirst(2)
guard let most = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }), most >= 0 else {
  fatalError("usage: FirstViolation PREEMPTIONS [SCENARIO-TO-LEAVE-OUT…]")
}
var scenarios = ProductScenarios.all.filter { !unwanted.contains($0.name) }
var schedules: UInt64 = 0
var finding: String?
search: for preemptions in 0...most {
  var costs: [String: UInt64] = [:]
  for scenario in scenarios {
    print("exploring \(scenario.name) \(schedules)")
    var options = ExplorationOptions(.exhaustive(preemptions: preemptions))
    options.schedulesAfterViolation = 0
    let report = explore(scenario, options)
    schedules += report.schedules
    costs[scenario.name] = report.schedules
    guard let found = report.violations.first else { continue }
    finding =
      "found \(scenario.name) \(found.checker) \(schedules) \(found.schedule.count) "
      + found.message
    break search
  }
  scenarios.sort { costs[$0.name, default: 0] < costs[$1.name, default: 0] }
}
print(finding ?? "nothing \(schedules)")
