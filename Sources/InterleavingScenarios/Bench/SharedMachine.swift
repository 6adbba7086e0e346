import IOMMU
import InterleavingExplorer
import MachineModel
import ZPCI

/// A machine that several threads use, one instruction or memory access at a time.
///
/// The model itself knows one thread only. Under an explorer exactly one task runs and the gate is
/// never contended; on real threads it makes an instruction what it is on a real machine, one step.
/// No yield point lies inside the gate.
final class SharedMachine: ZPCIInstructions {
  private let machine: Machine
  private let gate = ThreadGate()

  init(_ machine: Machine) {
    self.machine = machine
  }

  /// Runs `body` while no other thread is inside the machine.
  func exclusively<Result: ~Copyable, Failure: Error>(
    _ body: (Machine) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try gate.withLock { () throws(Failure) in try body(machine) }
  }

  func callLogicalProcessor(_ block: inout CLPBlock, on cpu: CPUIndex) -> InstructionResult {
    exclusively { $0.callLogicalProcessor(&block, on: cpu) }
  }

  func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    exclusively { $0.modifyFunctionControls(request, &block, on: cpu) }
  }

  func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    exclusively { $0.storeFunctionControls(request, &block, on: cpu) }
  }

  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    exclusively {
      $0.refreshTranslations(function, address: address, byteCount: byteCount, on: cpu)
    }
  }

  func load(
    _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> (InstructionResult, UInt64) {
    exclusively { $0.load(request, offset: offset, on: cpu) }
  }

  func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    exclusively { $0.store(value, request, offset: offset, on: cpu) }
  }

  func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    exclusively { $0.storeBlock(block, request, offset: offset, on: cpu) }
  }
}
