import IOMMU
public import ZPCI

/// The zPCI instructions, as QEMU's hw/s390x/s390-pci-inst.c executes them.
///
/// An instruction that a real machine would end with a program check (a malformed operand) is
/// counted in ``Machine/programChecks`` and answers condition code 1 with status 0, or with the
/// status that QEMU sets beside the check.
extension Machine: ZPCIInstructions {
  /// Begins an instruction: time passes, devices come up to it, planned faults happen.
  ///
  /// Returns the answer where the instruction ends at once.
  func begin(on cpu: CPUIndex, picoseconds: UInt64) -> InstructionResult? {
    timeline.enter(cpu)
    timeline.charge(picoseconds: picoseconds)
    timeline.synchronizeDevices()
    guard let fault = faults.beginInstruction() else { return nil }
    for function in fault.unplugs where functions.indices.contains(function) {
      unplug(function)
    }
    for function in fault.failures { failFunction(function, code: .serviceAction) }
    if let status = fault.refusal { return .error(status) }
    return fault.isBusy ? .busy : nil
  }

  /// The function whose handle is exactly that of `request`.
  func function(of request: RequestWord) -> MachineFunction? {
    let number = Int(request.handle.index)
    guard functions.indices.contains(number) else { return nil }
    let function = functions[number]
    return function.handle == request.handle.rawValue ? function : nil
  }

  /// Counts what a real machine answers with a program check.
  func programCheck(status: UInt8 = 0) -> InstructionResult {
    programChecks &+= 1
    return .error(status)
  }

  var controlPicoseconds: UInt64 { description.costs.controlNanoseconds &* 1_000 }
}
