public import IOMMU
import Synchronization

extension ZPCIFunction: TranslationControl {
  /// Whether stale translations may be left for later: not for internal shared memory.
  ///
  /// Source: Linux drivers/iommu/s390-iommu.c, `s390_iommu_capable`, from release 6.7.
  public var allowsDeferredInvalidation: Bool { description.type != .internalSharedMemory }

  /// What has to be added to an address of memory for a device under ``enableIdentity(by:on:)``.
  ///
  /// Source: QEMU hw/s390x/s390-pci-bus.c, `s390_pci_iommu_direct_map_enable`.
  public var identityOffset: UInt64 { description.dmaStart }

  /// Makes the function translate through the table at `root`, whose top level is `rootLevel`.
  ///
  /// Where ``requiresMapSideInvalidation`` is true, a device can use none of the table's entries
  /// until they are announced: call ``invalidateAll(on:)`` if there are any.
  ///
  /// Throws: ``ControlError/unsupported`` where the machine takes no such table, or `aperture` is
  /// not part of the function's or of what the table reaches; ``ControlError/alreadyEnabled`` where
  /// a table or identity is registered; ``ControlError/outOfResources``,
  /// ``ControlError/functionGone``, ``ControlError/functionInError``,
  /// ``ControlError/refused(conditionCode:status:)``. What was registered stays. Context: takes the
  /// function's lock. Allocates: never.
  public func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    let pages = aperture.aligned(to: .fourKiB)
    guard group.designationTypes.contains(rootLevel: rootLevel), self.aperture.contains(pages),
      pages.last.rawValue <= TableReach.last(rootLevel: rootLevel),
      let designation = IOATDesignation(root: root, rootLevel: rootLevel)
    else { throw .unsupported }
    try register(designation, pages, as: .translating, on: cpu)
  }

  /// Lets the function reach memory untranslated, but for ``identityOffset``.
  ///
  /// Throws: ``ControlError/unsupported`` where the group does not allow it; else as
  /// ``enableTranslation(root:rootLevel:aperture:by:on:)``.
  /// Context: takes the function's lock. Allocates: never.
  public func enableIdentity(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    guard group.flags.contains(.relaxedTranslation),
      let all = IOVARange(first: IOVA(description.dmaStart), last: IOVA(description.dmaEnd))
    else { throw .unsupported }
    try register(.untranslated, all, as: .identity, on: cpu)
  }

  /// Makes the function reach nothing at all: it is blocked when this returns, or has vanished.
  ///
  /// A function in error state reaches nothing; if the machine refuses to take the table back then,
  /// ``recover(by:on:)`` does before anything else, so that this is a success, too (as Linux's
  /// blocking domain treats it: drivers/iommu/s390-iommu.c, `blocking_domain_attach_device`). Not
  /// being registered, not being enabled and being gone are successes likewise.
  ///
  /// Throws: ``ControlError/refused(conditionCode:status:)``; the registration stays.
  /// Context: takes the function's lock, and waits for invalidations that other processors are in.
  /// Allocates: never.
  public func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    lock.lock()
    defer { lock.unlock() }
    let before = stopRefreshes()
    let used = current
    if !used.isReachable {
      settle(.blocked)
      return
    }
    let (outcome, result) = modify(.deregisterTranslation, FunctionControls(), used, on: cpu)
    switch outcome {
    case .done, .sequence, .gone:
      settle(.blocked)
    case .inError:
      settle(.owed)
    case .outOfResources, .busy, .refused:
      settle(before)
      throw controlError(outcome, result)
    }
  }

  private func register(
    _ designation: IOATDesignation, _ range: IOVARange, as mode: TranslationMode,
    on cpu: CPUIndex
  ) throws(ControlError) {
    lock.lock()
    defer { lock.unlock() }
    let used = current
    try checkEnabled(used)
    let before = stopRefreshes()
    if before == .translating || before == .identity {
      settle(before)
      throw .alreadyEnabled
    }
    if before == .owed {
      let (outcome, result) = modify(.deregisterTranslation, FunctionControls(), used, on: cpu)
      if outcome != .done && outcome != .sequence {
        settle(.owed)
        throw controlError(outcome, result)
      }
    }
    var controls = FunctionControls()
    controls.baseAddress = range.first.rawValue
    controls.addressLimit = range.last.rawValue
    controls.designation = designation
    let (outcome, result) = modify(.registerTranslation, controls, used, on: cpu)
    if outcome != .done {
      settle(.blocked)
      throw outcome == .sequence ? .alreadyEnabled : controlError(outcome, result)
    }
    // Relaxed: published by the sequentially consistent store of the mode behind them.
    registeredFirst.store(range.first.rawValue, ordering: .relaxed)
    registeredLast.store(range.last.rawValue, ordering: .relaxed)
    settle(mode)
  }

  private func checkEnabled(_ used: HandleAndState) throws(ControlError) {
    switch used.state {
    case .enabled: return
    case .error: throw .functionInError
    case .gone: throw .functionGone
    case .reserved, .standby, .configured:
      throw .refused(conditionCode: ConditionCode.invalidHandle.rawValue, status: 0)
    }
  }
}
