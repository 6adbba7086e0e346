import IOMMU
import NVMe
import Workloads
import ZPCI

/// Work that checks have in common: domains, and a driver on a domain.
extension FunctionBench {
  /// The addresses that checks hand out: few, so that they come round soon.
  var smallAperture: IOVARange {
    get throws(Failure) {
      let whole = function.aperture
      guard let part = IOVARange(first: whole.first, byteCount: 16 << 20), part.last <= whole.last
      else { throw .aperture }
      return part
    }
  }

  /// Attaches the function to `domain` and starts a driver that takes `slots` commands at once.
  func startDriver<Domain>(
    on domain: Domain, slots: Int
  ) throws(Failure) -> NVMeController<Function, Domain>
  where Domain: DMADomain & TranslationDomain<Function> {
    do throws(AttachError) {
      try group.attach(domain, on: .boot)
    } catch {
      throw .attach(error)
    }
    let driver = NVMeController(
      function: function, domain: domain, cpus: [.boot],
      options: NVMeOptions(queueEntries: slots + 1))
    try driving { () throws(NVMeError) in try driver.initialise(clock: timer, pause: {}) }
    return driver
  }

  /// Shuts the driver down and blocks the function.
  func stop<Domain>(_ driver: NVMeController<Function, Domain>) throws(Failure) {
    try driving { () throws(NVMeError) in
      try driver.shutDown(clock: timer, pause: {}, report: { _ in })
    }
    do throws(OwnershipError) {
      try group.detach(on: .boot)
    } catch {
      throw .noFunction
    }
  }

  /// Brings the function back from error state, and its driver with it; what was in flight waits or
  /// is reported as lost.
  func recover<Domain>(
    _ driver: NVMeController<Function, Domain>, _ disposition: NVMeResetDisposition,
    report: (NVMeCompletion) -> Void
  ) throws(Failure) {
    let (group, device) = (group, device)
    try driving { () throws(NVMeError) in
      try driver.reset(
        clock: timer, disposition: disposition,
        recover: { () throws(PCIAccessError) in
          do throws(AttachError) {
            try group.recover(device, on: .boot)
          } catch {
            throw .functionInError
          }
        }, pause: {}, report: report)
    }
  }

  /// Waits until a register of the function answers that it is in error state.
  func waitForErrorState() throws(Failure) {
    let start = timer.now()
    while timer.now().since(start) < Wait.patience {
      do throws(PCIAccessError) {
        _ = try function.read32(bar: 0, offset: NVMeRegister.status, on: .boot)
      } catch {
        if error == .functionInError { return }
        throw .stuck
      }
    }
    throw .stuck
  }
}

/// A domain on the instructions themselves that flushes when addresses run out.
typealias RolloverDomain = PagingDomain<KernelPlatform, RolloverScheme>
/// A domain on the instructions themselves that invalidates at each unmap.
typealias StrictDomain = PagingDomain<KernelPlatform, StrictScheme<TreeAllocator>>

extension PagingDomain {
  /// Whether everything that was mapped came back, and nothing was lost.
  var isBalanced: Bool { liveMappings == 0 && quarantineRecord.pages == 0 }
}
