import InterleavingExplorer

extension HistoricalVariants {
  /// The core's own race: two ways to be probed, one to be released, no lock around them.
  ///
  /// A device could be probed when its bus was scanned for a new IOMMU and when its driver was
  /// bound, at the same time, and be released meanwhile. Source: "iommu: Avoid races around device
  /// probe" (01657bc14a39, 6.2).
  static let probeVersusRelease = Scenario(
    "probe-vs-release",
    "the bus scan and a driver's binding probe the same device",
    checks: "a device's IOMMU data are set up once and freed once"
  ) { execution in
    let device = Device()
    execution.task("bus scan") { device.probe() }
    execution.task("driver binds") { device.probe() }
    execution.task("release") { device.release() }
    execution.atEnd { device.release() }
  }

  private final class Device: Sendable {
    let isProbed = ExploredVariable("dev.iommu is set", false)
    let data = ExploredResource("dev.iommu")

    func probe() {
      if isProbed.load() { return }
      data.initialise()
      isProbed.store(true)
    }

    func release() {
      if !isProbed.load() { return }
      isProbed.store(false)
      data.free()
    }
  }
}
