import InterleavingExplorer

extension HistoricalVariants {
  /// One translation unit, two owners, and no lock that both hold.
  ///
  /// Up to 6.1 the s390 DMA API and the IOMMU driver each programmed the hardware: leaving a domain
  /// gave the function back to the DMA API, which set up a table of its own. The group's mutex was
  /// not held over the release of a device, so both paths could find the function in the domain.
  /// Source: the thread of 2022-09-01, "Fix race with release_device ops".
  static let thread2022 = Scenario(
    "thread-2022",
    "vfio gives a function back while the device is released; the group's mutex is not held",
    checks: "the DMA API's table is set up once, and given back"
  ) { execution in
    let function = Function()
    execution.task("vfio close") { function.detach() }
    execution.task("release") {
      function.detach()
      // The device goes away: the DMA API's table goes with it.
      function.exitDMA()
    }
  }

  private final class Function: Sendable {
    let domain = ExploredVariable<Int?>("zdev.domain", 1)
    let registered = ExploredVariable<String?>("registered table", "domain's")
    let table = ExploredResource("DMA table")

    func detach() {
      if domain.load() == nil { return }
      registered.store(nil)
      domain.store(nil)
      // From here on the DMA API owns the hardware.
      table.initialise()
      registered.store("DMA API's")
    }

    func exitDMA() {
      registered.store(nil)
      table.free()
    }
  }
}
