import InterleavingExplorer

extension HistoricalVariants {
  /// A domain whose aperture was its devices' smallest, and shrank under its mappings.
  ///
  /// Source: cbf7827bc5dc (6.2), with the wrong check for the aperture, a4d996c2c4b5.
  static let apertureShrink = Scenario(
    "aperture-shrink",
    "a second device with a smaller aperture joins a domain while a driver maps",
    checks: "every mapping lies within the aperture"
  ) { execution in
    let last = ExploredVariable("domain.aperture.last", 0xffff)
    let mapping = ExploredVariable<Int?>("mapping", nil)
    let lock = ExploredMutex("domain's list lock")
    execution.task("map") {
      // Linux allocates from the top.
      let address = last.load()
      mapping.store(address)
    }
    execution.task("attach") {
      lock.withLock { last.update { $0 = min($0, 0x7fff) } }
    }
    execution.atEnd {
      if let address = mapping.value, address > last.value {
        execution.report(
          "aperture",
          "0x\(String(address, radix: 16)) is mapped beyond the aperture's last address, "
            + "0x\(String(last.value, radix: 16))")
      }
    }
  }
}
