import IOMMU
import ZPCI

extension FakeMachine.State {
  /// Logs an instruction, lets happen what was to happen before it, and tells of a fault.
  mutating func begin(_ kind: FakeMachine.Kind) -> InstructionResult? {
    let number = log.count
    log.append(kind)
    if number >= vanishesBefore { isGone = true }
    if number >= failsBefore && handle.isEnabled && !isGone {
      fail()
      failsBefore = .max
    }
    return faults[number]
  }

  mutating func fail() {
    isError = true
    isBlocked = true
  }

  func isReached(by word: RequestWord) -> Bool {
    !isGone && word.handle == handle && handle.isEnabled
  }

  var controlState: FunctionControlState {
    if !handle.isEnabled { return FunctionControlState(rawValue: 0) }
    var state = FunctionControlState.enabled
    if isError { state = state.union(.error) }
    if isBlocked { state = state.union(.blocked) }
    if isTranslating { state = state.union(.translating) }
    return state
  }

  func refusal(of word: RequestWord) -> InstructionResult? {
    if !isReached(by: word) { return .invalidHandle }
    if isBlocked { return .error(LoadStoreStatus.blocked) }
    return PCIAddressSpace(rawValue: word.space) == nil
      ? .error(LoadStoreStatus.invalidSpace) : nil
  }

  func byte(_ space: UInt8, _ offset: UInt64) -> UInt8 {
    space == 15 ? configuration[Int(offset)] : registers[UInt64(space) << 56 | offset, default: 0]
  }

  mutating func setByte(_ space: UInt8, _ offset: UInt64, _ value: UInt8) {
    if space == 15 {
      configuration[Int(offset)] = value
    } else {
      registers[UInt64(space) << 56 | offset] = value
    }
  }

  mutating func modify(
    _ operation: FunctionControlOperation, _ controls: FunctionControls
  ) -> InstructionResult {
    switch operation {
    case .registerInterruption:
      if vectorsRegistered { return .error(ModifyControlsStatus.sequence) }
      vectorsRegistered = true
      self.controls.interruptions = controls.interruptions
    case .deregisterInterruption:
      if !vectorsRegistered { return .error(ModifyControlsStatus.sequence) }
      vectorsRegistered = false
      self.controls.interruptions = InterruptionControls()
    case .registerTranslation:
      if isTranslating { return .error(ModifyControlsStatus.sequence) }
      register(controls)
    case .deregisterTranslation:
      if isError && refusesDeregistrationInError && isBlocked {
        return .error(ModifyControlsStatus.errorRecovery)
      }
      if !isTranslating { return .error(ModifyControlsStatus.sequence) }
      isTranslating = false
    case .reregisterTranslation:
      if !isTranslating { return .error(ModifyControlsStatus.sequence) }
      register(controls)
    case .resetError:
      if !isError { return .error(ModifyControlsStatus.sequence) }
      (isError, isBlocked) = (false, false)
    case .resetBlock:
      if !isError || !isBlocked { return .error(ModifyControlsStatus.sequence) }
      isBlocked = false
    case .setMeasurement:
      self.controls.measurementBlock = controls.measurementBlock
    }
    return .success
  }

  private mutating func register(_ controls: FunctionControls) {
    isTranslating = true
    self.controls.baseAddress = controls.baseAddress
    self.controls.addressLimit = controls.addressLimit
    self.controls.designation = controls.designation
  }

  mutating func serve(_ request: CLPRequest, _ block: inout CLPBlock) throws(CLPRefusal) {
    switch request {
    case .list(let resumeToken): try list(resumeToken, &block)
    case .queryFunction(let handle):
      if isGone || handle != self.handle { throw CLPRefusal(.invalidHandle) }
      query.write(into: &block)
    case .queryGroup(let number):
      if number != query.group { throw CLPRefusal(.unknownGroup) }
      group.write(into: &block)
    case .setFunction(let handle, let operation):
      if isGone || handle != self.handle { throw CLPRefusal(.invalidHandle) }
      if !setCodes.isEmpty { throw CLPRefusal(setCodes.removeFirst()) }
      if handle.isEnabled == (operation == .enable) {
        throw CLPRefusal(.handleNotValidForOperation)
      }
      self.handle = operation == .enable ? handle.enabled : handle.disabled
      if operation == .disable {
        (isError, isBlocked, isTranslating, vectorsRegistered) = (false, false, false, false)
        controls = FunctionControls()
      }
      SetFunctionResponse(handle: self.handle).write(into: &block)
    }
  }

  private func list(_ resumeToken: UInt64, _ block: inout CLPBlock) throws(CLPRefusal) {
    var entries = others
    if !isGone {
      var entry = FunctionListEntry(functionID: query.functionID, handle: handle)
      entry.deviceID = 0x10
      entry.vendorID = 0x1b36
      entry.isConfigured = isConfigured
      entries.append(entry)
    }
    let first = Int(resumeToken)
    if first > entries.count { throw CLPRefusal(.badResumeToken) }
    let count = min(ListResponse.room(in: block), entriesPerBlock, entries.count - first)
    let rest = first + count < entries.count
    let response = ListResponse(count: count, resumeToken: rest ? UInt64(first + count) : 0)
    response.write(into: &block)
    for index in 0..<count {
      response.setEntry(entries[first + index], at: index, in: &block)
    }
  }
}
