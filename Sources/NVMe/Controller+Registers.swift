internal import IOMMU

extension NVMeController {
  /// Reads a 32-bit register.
  func read(_ offset: UInt64) throws(NVMeError) -> UInt32 {
    do {
      return try function.read32(bar: 0, offset: offset, on: admin.cpu)
    } catch {
      throw noted(error)
    }
  }

  /// Writes a 32-bit register.
  func write(_ value: UInt32, _ offset: UInt64) throws(NVMeError) {
    do {
      try function.write32(value, bar: 0, offset: offset, on: admin.cpu)
    } catch {
      throw noted(error)
    }
  }

  /// Writes a 64-bit register.
  func writeWide(_ value: UInt64, _ offset: UInt64) throws(NVMeError) {
    do {
      try function.write64(value, bar: 0, offset: offset, on: admin.cpu)
    } catch {
      throw noted(error)
    }
  }

  /// Reads CAP and refuses a controller that the driver's page size or commands do not suit.
  func readCapabilities() throws(NVMeError) {
    do {
      let value = try function.read64(
        bar: 0, offset: NVMeRegister.capabilities, on: admin.cpu)
      capabilities = NVMeCapabilities(value)
    } catch {
      throw noted(error)
    }
    // A function that is no longer there answers with ones on most buses.
    if capabilities.rawValue == .max {
      throw noted(.functionGone)
    }
    if capabilities.minimumPageLog2 > PRPList.pageLog2 || !capabilities.supportsNVMCommandSet
      || capabilities.maximumEntries < 2
    {
      throw .unsupportedController(capabilities: capabilities.rawValue)
    }
  }

  /// Lets the function answer memory accesses and do DMA.
  ///
  /// Command register at configuration offset 4: bit 1 memory space, bit 2 bus master (PCI Local
  /// Bus Specification 3.0, section 6.2.2).
  func enableBusMaster() throws(NVMeError) {
    do {
      let command = try function.readConfiguration(offset: 4, width: 2, on: admin.cpu)
      try function.writeConfiguration(command | 0x6, offset: 4, width: 2, on: admin.cpu)
    } catch {
      throw noted(error)
    }
  }

  /// Reads CSTS until `mask` of it is `value`.
  ///
  /// Throws: `timeout` after CAP.TO or ``NVMeOptions/pollLimit`` polls; `controllerFatal` where CFS
  /// is set while waiting for `ready`; what the access threw.
  func waitForStatus<Clock: MonotonicClock>(
    _ what: NVMeWait, mask: UInt32, value: UInt32, clock: Clock, pause: () -> Void
  ) throws(NVMeError) {
    let start = clock.now()
    var polls: UInt32 = 0
    while true {
      let status = try read(NVMeRegister.status)
      if status == .max { throw noted(.functionGone) }
      if status & mask == value { return }
      if what == .ready && status & NVMeControllerStatus.fatal != 0 {
        throw .controllerFatal(status: status)
      }
      polls += 1
      if polls >= options.pollLimit || clock.now().since(start) > capabilities.timeout {
        throw .timeout(what, polls: polls)
      }
      pause()
    }
  }

  /// Disables the controller and waits until it says that it has stopped.
  ///
  /// Once this returns the controller does no DMA (NVM Express Base Specification 2.2, figure 41,
  /// EN, and section 3.7.2).
  func disable<Clock: MonotonicClock>(clock: Clock, pause: () -> Void) throws(NVMeError) {
    let configuration = try read(NVMeRegister.configuration)
    if configuration == .max { throw noted(.functionGone) }
    if configuration & NVMeConfiguration.enable != 0 {
      try write(configuration & ~NVMeConfiguration.enable, NVMeRegister.configuration)
    }
    try waitForStatus(
      .notReady, mask: NVMeControllerStatus.ready, value: 0, clock: clock, pause: pause)
  }
}
