import InterleavingExplorer

extension HistoricalVariants {
  /// Blocking was an attach like any other, and could fail.
  ///
  /// When user space let go of a group, the core moved it to the blocking domain with a call that
  /// must not fail. On a function that had just been pulled it did: the group went on pointing to
  /// the domain that was freed next. Source: "iommu/s390: Implement blocking domain" of 2024-08-06
  /// (ecda483339a5), CVE-2024-53232.
  static let unplug2024 = Scenario(
    "unplug-2024",
    "a card is pulled while user space lets go of its group; blocking fails",
    checks: "a group never points to a domain that is gone"
  ) { execution in
    let group = Group()
    group.memory.initialise()
    execution.task("vfio close") {
      group.block()
      group.memory.free()
    }
    execution.task("unplug") { group.isHandleValid.store(false) }
    execution.task("release") { group.release() }
  }

  private final class Group: Sendable {
    let isHandleValid = ExploredVariable("handle is valid", true)
    let domain = ExploredVariable<String>("group.domain", "user's")
    let memory = ExploredResource("user's domain")
    let mutex = ExploredMutex("group mutex")

    /// Moves the group to the blocking domain, or so it thinks.
    func block() {
      mutex.withLock {
        // The instruction answers with condition code 3, and the attach with an error.
        if !isHandleValid.load() { return }
        domain.store("blocking")
      }
    }

    func release() {
      mutex.withLock {
        if domain.load() == "user's" { memory.use() }
      }
    }
  }
}
