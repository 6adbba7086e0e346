public import IOMMU
public import ZPCI

/// MPCIFC and STPCIFC: what a function's DMA and interrupts go through, and its error state.
extension Machine {
  /// Carries out the operation that the request names.
  public func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    if let answer = begin(on: cpu, picoseconds: controlPicoseconds) { return answer }
    let word = RequestWord(rawValue: request)
    guard let function = function(of: word) else { return .invalidHandle }
    switch function.condition {
    case .reserved, .standby, .configured, .permanentError: return .invalidHandle
    case .enabled, .blocked, .error: break
    }
    guard let operation = FunctionControlOperation(rawValue: word.length),
      let controls = try? FunctionControls(block: block)
    else { return programCheck() }
    switch operation {
    case .registerInterruption: return registerInterrupts(function, controls.interruptions)
    case .deregisterInterruption:
      if function.interrupts == nil { return .error(ModifyControlsStatus.sequence) }
      function.interrupts = nil
      return .success
    case .registerTranslation, .deregisterTranslation, .reregisterTranslation:
      if word.space != 0 { return .error(ModifyControlsStatus.dmaSpaceInvalid) }
      return modifyTranslation(function, operation, controls)
    case .resetError: return reset(function, from: [.error, .blocked], to: .enabled)
    case .resetBlock: return reset(function, from: [.error], to: .blocked)
    case .setMeasurement: return setMeasurement(function, controls.measurementBlock.rawValue)
    }
  }

  /// Tells a function's state and registrations.
  public func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    if let answer = begin(on: cpu, picoseconds: controlPicoseconds) { return answer }
    let word = RequestWord(rawValue: request)
    if word.space != 0 { return .error(StoreControlsStatus.dmaSpaceInvalid) }
    guard let function = function(of: word) else { return .invalidHandle }
    var controls = FunctionControls()
    switch function.condition {
    case .reserved, .standby: return .invalidHandle
    case .permanentError: return .error(StoreControlsStatus.permanentError)
    case .configured: break
    case .enabled: controls.state = .enabled
    case .blocked: controls.state = .enabled.union(.error)
    case .error: controls.state = .enabled.union(.error).union(.blocked)
    }
    if let registration = function.registration {
      controls.state = controls.state.union(.translating)
      controls.baseAddress = registration.range.first.rawValue
      controls.addressLimit = registration.range.last.rawValue
      controls.designation = IOATDesignation(rawValue: registration.designation)
    }
    if let interrupts = function.interrupts { controls.interruptions = interrupts }
    controls.measurementBlock = PhysicalAddress(function.measurementAddress)
    controls.write(into: &block)
    return .success
  }

  private func registerInterrupts(
    _ function: MachineFunction, _ interrupts: InterruptionControls
  ) -> InstructionResult {
    if function.interrupts != nil { return .error(ModifyControlsStatus.sequence) }
    let vectorBytes = (UInt64(interrupts.vectorOffset) + UInt64(interrupts.count) + 63) / 64 * 8
    if !memory.bytes.contains(interrupts.vector.rawValue, byteCount: vectorBytes)
      || interrupts.wantsSummary
        && !memory.bytes.contains(interrupts.summary.rawValue, byteCount: 8)
    {
      return .error(ModifyControlsStatus.resourceNotAvailable)
    }
    function.interrupts = interrupts
    return .success
  }

  private func modifyTranslation(
    _ function: MachineFunction, _ operation: FunctionControlOperation,
    _ controls: FunctionControls
  ) -> InstructionResult {
    let isRegistered = function.registration != nil
    if isRegistered == (operation == .registerTranslation) {
      return .error(ModifyControlsStatus.sequence)
    }
    if isRegistered {
      chargeUnpinning(function.deregisterTranslation())
      if operation == .deregisterTranslation { return .success }
    }
    guard let registration = registration(controls) else {
      return programCheck(status: ModifyControlsStatus.insufficientResources)
    }
    function.registerTranslation(registration)
    return .success
  }

  /// The registration that `controls` ask for, or `nil` where the hardware does not take it.
  private func registration(_ controls: FunctionControls) -> MachineFunction.Registration? {
    guard
      let range = IOVARange(
        first: IOVA(controls.baseAddress & ~0xfff), last: IOVA(controls.addressLimit | 0xfff)),
      aperture.contains(range)
    else { return nil }
    let designation = controls.designation.rawValue
    if !controls.designation.isTranslated {
      return description.allowsIdentity
        ? .init(designation: designation, range: range, walk: nil) : nil
    }
    if TableWalk.designationFault(designation) != nil { return nil }
    return .init(
      designation: designation, range: range,
      walk: TableWalk(designation: designation, memory: memory))
  }

  private func reset(
    _ function: MachineFunction, from conditions: [FunctionCondition], to new: FunctionCondition
  ) -> InstructionResult {
    if !conditions.contains(function.condition) { return .error(ModifyControlsStatus.sequence) }
    function.enter(new)
    return .success
  }
}
