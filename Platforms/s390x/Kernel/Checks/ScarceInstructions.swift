import IOMMU
import Synchronization
import ZPCI

/// Instructions on a machine that now and then has no resources for a refresh.
///
/// QEMU says so of functions only that are passed through to it. Here the RPCIT is left out
/// altogether, which is worse than what a hypervisor does: it drops what is gone at least.
struct ScarceInstructions<Base: ZPCIInstructions>: ZPCIInstructions {
  let base: Base
  let scarcity: Scarcity

  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    if scarcity.refusesNext() { return .error(RefreshStatus.insufficientResources) }
    return base.refreshTranslations(function, address: address, byteCount: byteCount, on: cpu)
  }

  func callLogicalProcessor(_ block: inout CLPBlock, on cpu: CPUIndex) -> InstructionResult {
    base.callLogicalProcessor(&block, on: cpu)
  }

  func modifyFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    base.modifyFunctionControls(request, &block, on: cpu)
  }

  func storeFunctionControls(
    _ request: UInt64, _ block: inout FunctionInformationBlock, on cpu: CPUIndex
  ) -> InstructionResult {
    base.storeFunctionControls(request, &block, on: cpu)
  }

  func load(_ request: UInt64, offset: UInt64, on cpu: CPUIndex) -> (InstructionResult, UInt64) {
    base.load(request, offset: offset, on: cpu)
  }

  func store(
    _ value: UInt64, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    base.store(value, request, offset: offset, on: cpu)
  }

  func storeBlock(
    _ block: Span<UInt64>, _ request: UInt64, offset: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    base.storeBlock(block, request, offset: offset, on: cpu)
  }
}

/// Which refreshes a machine has no resources for.
final class Scarcity: Sendable {
  private let period = Atomic<UInt64>(0)
  private let since = Atomic<UInt64>(0)
  private let refusals = Atomic<UInt64>(0)

  /// How many were refused.
  var refused: UInt64 { refusals.load(ordering: .relaxed) }

  /// Refuses every refresh of number `period` from now on: each for 1, and none for 0.
  func refuse(every period: UInt64) {
    self.period.store(period, ordering: .relaxed)
    since.store(0, ordering: .relaxed)
  }

  func refusesNext() -> Bool {
    let period = period.load(ordering: .relaxed)
    if period == 0 { return false }
    let number = since.wrappingAdd(1, ordering: .relaxed).newValue
    if number % period != 0 { return false }
    refusals.wrappingAdd(1, ordering: .relaxed)
    return true
  }
}

/// What a domain is bound to on such a machine.
enum ScarcePlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = PhysicalMemory
  typealias Control = ZPCIFunction<ScarceInstructions<RealInstructions>>
  typealias Timer = KernelTimer
  typealias Observer = NoObserver
}
