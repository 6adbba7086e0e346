public import IOMMU

/// The functions of a machine, as CLP tells of them.
public struct ZPCIBus<Instructions: ZPCIInstructions>: Sendable {
  /// The machine's instructions.
  public let instructions: Instructions

  /// How often a busy command is attempted again.
  public let busyRetryLimit: Int

  /// The bus behind `instructions`.
  public init(instructions: Instructions, busyRetryLimit: Int = 10_000) {
    precondition(busyRetryLimit >= 0, "a number of retries is zero or more")
    self.instructions = instructions
    self.busyRetryLimit = busyRetryLimit
  }

  /// Tells `body` of every function, in the machine's order, until it answers `false`.
  ///
  /// Entries without a vendor name no function and are left out (Linux arch/s390/pci/pci_clp.c,
  /// `__clp_add`).
  ///
  /// Throws: ``CLPError``; what `body` was told until then is true.
  /// ``CLPError/listDoesNotEnd(entries:)`` where more entries come than there are indices of
  /// handles, 65,536, or a part of the list is empty and not the last. Context: no lock is held
  /// while `body` runs. Allocates: never; 4 KiB of stack.
  public func enumerate(
    on cpu: CPUIndex, _ body: (FunctionListEntry) -> Bool
  ) throws(CLPError) {
    var resumeToken: UInt64 = 0
    var listed: UInt32 = 0
    repeat {
      var block = CLPBlock()
      CLPRequest.list(resumeToken: resumeToken).write(into: &block)
      try call(&block, on: cpu)
      let list = try ListResponse(block: block)
      for index in 0..<list.count {
        let entry = list.entry(at: index, in: block)
        if entry.vendorID != 0, !body(entry) { return }
      }
      listed += UInt32(list.count)
      resumeToken = list.resumeToken
      if resumeToken != 0, listed > 65_536 || list.count == 0 {
        throw .listDoesNotEnd(entries: listed)
      }
    } while resumeToken != 0
  }

  /// Finds the entry of the function that people call `functionID`, or `nil` where there is none.
  ///
  /// Throws: as ``enumerate(on:_:)``.
  public func find(
    functionID: UInt32, on cpu: CPUIndex
  ) throws(CLPError) -> FunctionListEntry? {
    var found: FunctionListEntry?
    try enumerate(on: cpu) { entry in
      if entry.functionID != functionID { return true }
      found = entry
      return false
    }
    return found
  }

  /// Asks what a function is.
  ///
  /// Throws: ``CLPError``; a refusal with ``CLPResponseCode/invalidHandle`` where it vanished.
  public func query(
    _ handle: FunctionHandle, on cpu: CPUIndex
  ) throws(CLPError) -> QueryFunctionResponse {
    var block = CLPBlock()
    CLPRequest.queryFunction(handle).write(into: &block)
    try call(&block, on: cpu)
    return try QueryFunctionResponse(block: block)
  }

  /// Asks what the functions of a group have in common.
  ///
  /// Throws: ``CLPError``.
  public func queryGroup(_ group: UInt8, on cpu: CPUIndex) throws(CLPError) -> QueryGroupResponse {
    var block = CLPBlock()
    CLPRequest.queryGroup(group).write(into: &block)
    try call(&block, on: cpu)
    return try QueryGroupResponse(block: block)
  }

  /// Makes a driver's object for a function of the list; the function itself does not change.
  ///
  /// Make one object for each function: two would not know of each other's changes.
  ///
  /// Throws: ``CLPError``, from the two queries.
  public func function(
    _ entry: FunctionListEntry, trust: FunctionTrust = .trusted, on cpu: CPUIndex
  ) throws(CLPError) -> ZPCIFunction<Instructions> {
    let description = try query(entry.handle, on: cpu)
    let group = try queryGroup(description.group, on: cpu)
    return ZPCIFunction(
      bus: self, entry: entry, description: description, group: group, trust: trust)
  }

  /// Enables or disables a function, and gives its new handle.
  ///
  /// A busy function is asked again, up to the limit (Linux arch/s390/pci/pci_clp.c,
  /// `clp_set_pci_fn`).
  ///
  /// Throws: ``CLPError``; the machine's state is unknown after ``CLPError/handle(_:)`` alone.
  func set(
    _ handle: FunctionHandle, _ operation: SetFunctionOperation, on cpu: CPUIndex
  ) throws(CLPError) -> FunctionHandle {
    var attempts = 0
    while true {
      var block = CLPBlock()
      CLPRequest.setFunction(handle, operation).write(into: &block)
      try call(&block, on: cpu)
      if block.responseCode == .busy, attempts < busyRetryLimit {
        attempts += 1
        continue
      }
      let new = try SetFunctionResponse(block: block).handle
      if new.isEnabled != (operation == .enable) { throw .handle(new) }
      return new
    }
  }

  private func call(_ block: inout CLPBlock, on cpu: CPUIndex) throws(CLPError) {
    var attempts = 0
    while true {
      YieldPoint.reached(.instruction)
      let result = instructions.callLogicalProcessor(&block, on: cpu)
      switch result.condition {
      case .success: return
      case .busy where attempts < busyRetryLimit: attempts += 1
      default: throw .conditionCode(result.conditionCode)
      }
    }
  }
}
