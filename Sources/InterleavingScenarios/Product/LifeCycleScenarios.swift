import IOMMU
import InterleavingExplorer
import MachineModel

/// A device between two paths of its life, as the thread of 2022 has it.
extension ProductScenarios {
  static let lifeCycle: [Scenario] = [
    attachRelease, probeRelease, replaceMap, unplugAttach, fencedAttach, errorRecovery,
    sharedDomain, destruction,
  ]

  static let attachRelease = Scenario(
    "attach-release",
    "a device is released while one path attaches it and another detaches it",
    checks: "one registration at a time, nothing reachable in the end, no table lost"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 1, isAttached: false)
    execution.task("attach") { bench.attach(0) }
    execution.task("detach") { bench.detach(on: 1) }
    execution.task("release") { bench.release(0) }
    bench.finishAtEnd()
  }

  static let probeRelease = Scenario(
    "probe-release",
    "a device joins a group in a domain while it is released and the group is moved",
    checks: "a device is a member or gone, never both, and reaches only its group's domain"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 2, isAttached: true, members: 0)
    execution.task("probe") { bench.probe(0) }
    execution.task("replace") { bench.replace(1) }
    execution.task("release") { bench.release(0) }
    bench.finishAtEnd()
  }

  static let replaceMap = Scenario(
    "replace-map",
    "a group moves to another domain while a driver maps in the old one and a flush walks it",
    checks: "after the move the device reaches nothing of the old domain, and no flush fails"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 2, isAttached: true)
    execution.task("driver") { bench.transfer(in: 0, on: 0) }
    execution.task("flush") { bench.flush(0) }
    execution.task("replace") { bench.replace(1) }
    bench.finishAtEnd()
  }

  static let unplugAttach = Scenario(
    "unplug-attach",
    "the card is pulled while it is attached and released",
    checks: "no dangling domain, no table lost, the group goes on"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 1, isAttached: false)
    execution.task("attach") { bench.attach(0) }
    execution.task("unplug") { bench.bench.unplug() }
    execution.task("release") { bench.release(0) }
    bench.finishAtEnd()
  }

  static let fencedAttach = Scenario(
    "fenced-replace",
    "the hypervisor fences a function while its group moves and a driver maps",
    checks: "every operation ends with the device blocked or in one whole domain"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 2, isAttached: true)
    execution.task("driver") { bench.transfer(in: 0, on: 0) }
    execution.task("fence") { bench.bench.fence() }
    execution.task("replace") { bench.replace(1) }
    bench.finishAtEnd()
  }

  static let errorRecovery = Scenario(
    "error-recovery",
    "a function fails and is recovered while a driver unmaps and maps",
    checks: "nothing that was unmapped in error state can be reached after the recovery"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 1, isAttached: true)
    execution.task("driver") { bench.transfer(in: 0, on: 0) }
    execution.task("failure") { bench.bench.fail() }
    execution.task("recovery") { bench.recover(0) }
    bench.finishAtEnd()
  }

  static let sharedDomain = Scenario(
    "shared-domain",
    "a second function joins a domain in use while a driver maps and a flush walks",
    checks: "a device that has joined reaches what is mapped, and no walk skips it"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 1, isAttached: true, groups: 2, members: 1)
    execution.task("driver") { bench.transfer(in: 0, on: 0) }
    execution.task("join") { bench.probe(1) }
    execution.task("flush") { bench.flush(0) }
    bench.finishAtEnd()
  }

  static let destruction = Scenario(
    "destruction",
    "the last reference to a domain goes while an invalidation walks its devices",
    checks: "its tables live as long as somebody is inside, and are given back after that"
  ) { execution in
    let bench = LifeCycleBench(execution, domains: 2, isAttached: true)
    let reference = bench.reference(0)
    execution.task("flush") { reference.flush() }
    execution.task("replace") { bench.replace(1) }
    execution.task("drop") { bench.drop(0) }
    bench.finishAtEnd()
  }
}
