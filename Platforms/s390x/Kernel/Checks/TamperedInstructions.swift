import IOMMU
import Synchronization
import ZPCI

/// Instructions of which some refreshes are not carried out.
///
/// QEMU says only of functions that are passed through to it that it has no resources for a
/// refresh, so it is said here in its place. The RPCIT is left out altogether then, which is worse
/// than what a hypervisor does: it drops what is gone at least.
struct TamperedInstructions<Base: ZPCIInstructions>: ZPCIInstructions {
  let base: Base
  let tampering: Tampering

  func refreshTranslations(
    _ function: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    switch tampering.next() {
    case .nothing:
      base.refreshTranslations(function, address: address, byteCount: byteCount, on: cpu)
    case .refusal: .error(RefreshStatus.insufficientResources)
    case .omission: .success
    }
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

/// What is done to refreshes.
final class Tampering: Sendable {
  enum Act {
    case nothing
    /// There are no resources for it.
    case refusal
    /// It is said to be done, and is not: what a check has to find out.
    case omission
  }

  private let refusing = Atomic<UInt64>(0)
  private let refreshes = Atomic<UInt64>(0)
  private let refusals = Atomic<UInt64>(0)
  private let watched = Atomic<UInt64>(0)
  private let isWatching = Atomic<Bool>(false)
  private let omitting: UInt64

  /// Leaves out every watched refresh of a number that the command line's word `omit` divides; none
  /// without it.
  init() {
    omitting = CommandLine.number("omit") ?? 0
  }

  /// From here on, refreshes are those that the check is about.
  func watch() { isWatching.store(true, ordering: .relaxed) }

  /// From here on, they are not.
  func unwatch() { isWatching.store(false, ordering: .relaxed) }

  /// How many were refused.
  var refused: UInt64 { refusals.load(ordering: .relaxed) }

  /// Refuses every refresh of number `period` from now on: each for 1, and none for 0.
  func refuse(every period: UInt64) {
    refusing.store(period, ordering: .relaxed)
    refreshes.store(0, ordering: .relaxed)
  }

  func next() -> Act {
    if omitting > 0, isWatching.load(ordering: .relaxed),
      watched.wrappingAdd(1, ordering: .relaxed).newValue % omitting == 0
    {
      return .omission
    }
    let period = refusing.load(ordering: .relaxed)
    if period == 0 { return .nothing }
    if refreshes.wrappingAdd(1, ordering: .relaxed).newValue % period != 0 { return .nothing }
    refusals.wrappingAdd(1, ordering: .relaxed)
    return .refusal
  }
}
