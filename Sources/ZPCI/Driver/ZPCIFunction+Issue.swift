public import IOMMU

/// What came of MPCIFC or STPCIFC, with the statuses sorted by what they mean to the driver.
///
/// Source: the statuses are those of ``ModifyControlsStatus`` and ``StoreControlsStatus``. The load
/// and store statuses for an error count alike: Linux drivers/iommu/s390-iommu.c,
/// `reg_ioat_propagate_error`, compares MPCIFC's status with `ZPCI_PCI_ST_FUNC_NOT_AVAIL`.
enum ControlOutcome {
  case done
  case sequence
  case outOfResources
  case inError
  case gone
  case busy
  case refused

  init(_ result: InstructionResult) {
    self =
      switch (result.condition, result.status) {
      case (.success, _): .done
      case (.invalidHandle, _): .gone
      case (.busy, _): .busy
      case (.error, ModifyControlsStatus.sequence): .sequence
      case (.error, ModifyControlsStatus.resourceNotAvailable),
        (.error, ModifyControlsStatus.insufficientResources):
        .outOfResources
      case (.error, ModifyControlsStatus.errorRecovery), (.error, LoadStoreStatus.inError),
        (.error, LoadStoreStatus.blocked):
        .inError
      case (.error, _): .refused
      }
  }
}

extension ZPCIFunction {
  /// Issues an instruction, again while the machine is busy, up to the bus's limit.
  ///
  /// Complexity: one attempt and at most ``ZPCIBus/busyRetryLimit`` more.
  @inlinable
  func attempt(_ instruction: () -> InstructionResult) -> InstructionResult {
    var retries = 0
    while true {
      YieldPoint.reached(.instruction)
      let result = instruction()
      if result.condition != .busy || retries >= bus.busyRetryLimit { return result }
      retries += 1
    }
  }

  /// Issues MPCIFC, and notes where it found the function gone or in error.
  func modify(
    _ operation: FunctionControlOperation, _ controls: FunctionControls,
    _ used: HandleAndState, on cpu: CPUIndex
  ) -> (ControlOutcome, InstructionResult) {
    let request = RequestWord(used.handle, operation: operation).rawValue
    let result = attempt {
      var block = FunctionInformationBlock()
      controls.write(into: &block)
      return bus.instructions.modifyFunctionControls(request, &block, on: cpu)
    }
    let outcome = ControlOutcome(result)
    if outcome == .gone { note(.gone, after: used) }
    if outcome == .inError { note(.error, after: used) }
    return (outcome, result)
  }

  /// What an outcome other than success means to a life-cycle operation.
  func error(_ outcome: ControlOutcome, _ result: InstructionResult) -> ZPCIError {
    switch outcome {
    case .gone: .functionGone
    case .inError: .functionInError
    case .busy: .busy(attempts: bus.busyRetryLimit + 1)
    default: .refused(conditionCode: result.conditionCode, status: result.status)
    }
  }

  /// What an outcome other than success means to a domain.
  func controlError(_ outcome: ControlOutcome, _ result: InstructionResult) -> ControlError {
    switch outcome {
    case .gone: .functionGone
    case .inError: .functionInError
    case .outOfResources: .outOfResources
    default: .refused(conditionCode: result.conditionCode, status: result.status)
    }
  }

  /// What an outcome other than success means to the function's driver.
  func accessError(_ outcome: ControlOutcome, _ result: InstructionResult) -> PCIAccessError {
    switch outcome {
    case .gone: .functionGone
    case .inError: .functionInError
    default: .refused(conditionCode: result.conditionCode, status: result.status)
    }
  }
}
