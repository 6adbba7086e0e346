import InterleavingExplorer

extension HistoricalVariants {
  /// An attach that fails because the hypervisor has fenced the function.
  ///
  /// The core took the new domain for the group's, since this attach must not fail; the driver had
  /// returned early and kept the old one, which was freed. When the function came back, recovery
  /// registered what the driver remembered. Source: 9ffaf5229055 (6.17), sequel to 59bbf596791b.
  static let fenced2025 = Scenario(
    "fenced-2025",
    "a function is fenced while its group moves to another domain, and comes back",
    checks: "recovery registers the domain that the group is in"
  ) { execution in
    let function = Fenced()
    function.old.initialise()
    execution.task("replace") { function.replace() }
    execution.task("hypervisor") {
      function.isFenced.store(true)
      function.isFenced.store(false)
      function.recover()
    }
  }

  private final class Fenced: Sendable {
    let isFenced = ExploredVariable("function is fenced", false)
    let remembered = ExploredVariable<String>("zdev.domain", "old")
    let old = ExploredResource("old domain's table")
    let lock = ExploredMutex("zdev lock")

    func replace() {
      lock.withLock {
        // Registering answers with condition code 3: the driver gives up, the core does not.
        if isFenced.load() { return }
        remembered.store("new")
      }
      old.free()
    }

    func recover() {
      lock.withLock {
        // The hardware walks whatever table is registered now.
        if remembered.load() == "old" { old.use() }
      }
    }
  }
}
