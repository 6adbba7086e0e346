public import IOMMU
public import ZPCI

/// CLP: finding, asking about, enabling and disabling functions.
extension Machine {
  /// The one group that all functions belong to; the number of QEMU's default group.
  static let group: UInt8 = 0xff

  /// Serves a request; what is wrong with it is told in the response's code.
  public func callLogicalProcessor(
    _ block: inout CLPBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    if let answer = begin(on: cpu, picoseconds: controlPicoseconds) { return answer }
    do throws(CLPRefusal) {
      switch try CLPRequest(block: block) {
      case .list(let resumeToken): try list(from: resumeToken, into: &block)
      case .queryFunction(let handle): try describe(handle).write(into: &block)
      case .queryGroup(let number): try describeGroup(number).write(into: &block)
      case .setFunction(let handle, let operation):
        try set(handle, operation).write(into: &block)
      }
    } catch {
      error.write(into: &block)
    }
    return .success
  }

  /// Lists functions from the one whose number is the token, which is 0 only for the first.
  private func list(from token: UInt64, into block: inout CLPBlock) throws(CLPRefusal) {
    if token != 0 && token >= UInt64(functions.count) { throw CLPRefusal(.badResumeToken) }
    let room = ListResponse.room(in: block)
    if room == 0 { throw CLPRefusal(.blockTooSmall) }
    let listed = functions[Int(token)...].filter { $0.condition != .reserved }
    let entries = listed.prefix(room)
    let resumeToken = listed.count > room ? listed[listed.startIndex + room].number : 0
    let response = ListResponse(count: entries.count, resumeToken: UInt64(resumeToken))
    response.write(into: &block)
    for (index, function) in entries.enumerated() {
      var entry = FunctionListEntry(
        functionID: function.identifier, handle: FunctionHandle(function.handle))
      entry.vendorID = function.device.identity.vendor
      entry.deviceID = function.device.identity.device
      entry.isConfigured = function.condition != .standby
      response.setEntry(entry, at: index, in: &block)
    }
  }

  private func listed(_ handle: FunctionHandle) throws(CLPRefusal) -> MachineFunction {
    guard let function = function(of: RequestWord(handle)), function.condition != .reserved
    else { throw CLPRefusal(.invalidHandle) }
    return function
  }

  private func describe(_ handle: FunctionHandle) throws(CLPRefusal) -> QueryFunctionResponse {
    let function = try listed(handle)
    var response = QueryFunctionResponse()
    response.group = Self.group
    response.functionID = function.identifier
    response.userID = function.identifier
    response.dmaStart = description.apertureFirst
    response.dmaEnd = function.apertureLast
    response.measurementWords = UInt8(MeasurementBlock.byteCount / 4)
    for bar in 0..<6 {
      response.bars[bar] = function.configuration.read(offset: 0x10 + bar * 4, width: 4)
      let bytes = function.spaceBytes(bar: bar)
      if bytes > 0 { response.barSizesLog2[bar] = UInt8(bytes.trailingZeroBitCount) }
    }
    return response
  }

  private func describeGroup(_ number: UInt8) throws(CLPRefusal) -> QueryGroupResponse {
    if number != Self.group { throw CLPRefusal(.unknownGroup) }
    var response = QueryGroupResponse()
    response.interruptionCountMax = 128
    if description.translation == .shadowed {
      response.flags = response.flags.union(.refreshRequired)
    }
    if description.allowsIdentity {
      response.flags = response.flags.union(.relaxedTranslation)
    }
    response.storeBlockByteCountMax = 128
    response.measurementIntervalMilliseconds = Self.measurementIntervalMilliseconds
    // Region-third tables alone, as QEMU tells it (`ZPCI_DTSM`).
    response.designationTypes = .init(rawValue: 0x40)
    response.messageAddress = MachineFunction.messageAddress
    return response
  }

  private func set(
    _ handle: FunctionHandle, _ operation: SetFunctionOperation
  ) throws(CLPRefusal) -> SetFunctionResponse {
    let function = try listed(handle)
    switch (function.condition, operation) {
    case (.configured, .enable):
      function.enable()
    case (.enabled, .disable), (.blocked, .disable), (.error, .disable):
      chargeUnpinning(function.shadow.pinned)
      function.disable(to: .configured)
    case (.permanentError, _):
      throw CLPRefusal(.permanentError)
    default:
      throw CLPRefusal(.handleNotValidForOperation)
    }
    return SetFunctionResponse(handle: FunctionHandle(function.handle))
  }

  /// Charges what dropping a whole registration costs.
  func chargeUnpinning(_ pages: UInt64) {
    timeline.charge(picoseconds: pages &* description.refresh.pageChangedPicoseconds)
  }
}
