public import IOMMU
public import Synchronization

/// A PCI function of an s390 machine: its life cycle, its registers, its translation.
///
/// It is a ``PCIFunction`` to its driver and a ``TranslationControl`` to its domain. Holding one
/// proves that the function was listed once; any operation may find it gone.
///
/// ```swift
/// let function = try bus.function(entry, on: cpu)
/// try function.enable(on: cpu)
/// try group.add(DMADevice(control: function), on: cpu)  // it reaches what the group's domain maps
/// let version = try function.read32(bar: 0, offset: 8, on: cpu)
/// ```
///
/// Condition codes mean the same everywhere: 0 done; 1 as the status says; 2 attempted again up to
/// the bus's limit, then an error; 3 the function is gone, if the handle is still the one that was
/// used.
///
/// Context: any processor; not from an interrupt handler, but for
/// ``takePendingInterrupts(using:_:)``. Life-cycle operations take the function's lock; loads,
/// stores and invalidations take none. Allocates: once, here.
public final class ZPCIFunction<Instructions: ZPCIInstructions>: Sendable {
  /// The bus that the function was found on.
  public let bus: ZPCIBus<Instructions>

  /// The number by which people name the function.
  public let functionID: UInt32

  /// What the machine told about the function when it was found.
  public let description: QueryFunctionResponse

  /// What the machine told about the function's group then.
  public let group: QueryGroupResponse

  /// Whether every change of the table has to be announced: the group's refresh flag.
  public let requiresMapSideInvalidation: Bool

  /// Whether the device may be trusted with a stale window: what the platform said.
  public let isTrusted: Bool

  /// The addresses that the function can use for DMA through a translation table.
  ///
  /// The machine's range in whole pages, up to the top of the largest table that it takes. One page
  /// at the machine's first address where no whole page is left. The last page of a range that is
  /// the whole 64-bit space is left out: its size would not fit an instruction's operand.
  public let aperture: IOVARange

  /// Who has the function's translation.
  public let claim = TranslationClaim()

  @usableFromInline
  let identity: Atomic<UInt64>

  /// Serialises the life cycle, and registrations of tables, interruptions and measurement.
  let lock = SpinLock()

  // What translation the function has, and how many processors are inside RPCIT relying on it.
  @usableFromInline
  let translation = Atomic<UInt8>(TranslationMode.blocked.rawValue)
  @usableFromInline
  let refreshesInFlight = Atomic<Int>(0)
  @usableFromInline
  let registeredFirst = Atomic<UInt64>(0)
  @usableFromInline
  let registeredLast = Atomic<UInt64>(0)

  @usableFromInline
  let counters = RefreshCounting()

  // Where interruptions are stored: the lent memory, reversed where there is none, and how many
  // vectors are registered in it.
  let interruptMemoryFirst = Atomic<UInt64>(.max)
  let interruptMemoryLast = Atomic<UInt64>(0)
  let registeredVectors = Atomic<Int>(0)

  init(
    bus: ZPCIBus<Instructions>, entry: FunctionListEntry, description: QueryFunctionResponse,
    group: QueryGroupResponse, trust: FunctionTrust
  ) {
    self.bus = bus
    functionID = entry.functionID
    self.description = description
    self.group = group
    requiresMapSideInvalidation = group.flags.contains(.refreshRequired)
    isTrusted = trust == .trusted
    aperture = Self.aperture(description, group)
    let state: FunctionState =
      !entry.isConfigured ? .standby : entry.handle.isEnabled ? .enabled : .configured
    identity = Atomic(HandleAndState(entry.handle, state).rawValue)
  }

  /// The state as the driver knows it, without asking the machine.
  public var state: FunctionState { current.state }

  /// The handle that the function has now.
  public var handle: FunctionHandle { current.handle }

  /// Acquires what was written before the pair was published by ``become(_:_:)``.
  @inlinable
  var current: HandleAndState {
    YieldPoint.reached(.store)
    return HandleAndState(rawValue: identity.load(ordering: .acquiring))
  }

  /// Publishes handle and state; pairs with the acquiring load of ``current``.
  func become(_ handle: FunctionHandle, _ state: FunctionState) {
    YieldPoint.reached(.store)
    identity.store(HandleAndState(handle, state).rawValue, ordering: .releasing)
  }

  /// Notes that an instruction with the handle of `used` found the function in `state`.
  ///
  /// Only if nothing has changed since: an instruction that was overtaken by disabling finds an
  /// invalid handle, and the function is not gone for that.
  @inlinable
  func note(_ state: FunctionState, after used: HandleAndState) {
    if used.state == state { return }
    YieldPoint.reached(.store)
    _ = identity.compareExchange(
      expected: used.rawValue, desired: HandleAndState(used.handle, state).rawValue,
      successOrdering: .releasing, failureOrdering: .relaxed)
  }

  private static func aperture(
    _ description: QueryFunctionResponse, _ group: QueryGroupResponse
  ) -> IOVARange {
    let types = group.designationTypes
    let top = types.contains(rootLevel: 4) ? 4 : types.contains(rootLevel: 3) ? 3 : 2
    let start = IOVA(description.dmaStart)
    let page = Granule.fourKiB.byteCount
    let first = start.advanced(by: page - 1)?.alignedDown(log2: 12)
    // The last page counts only if all of it may be used; `end` is exclusive and may be 0.
    let end = min(description.dmaEnd, TableReach.last(rootLevel: top)).addingReportingOverflow(1)
    let (last, isEmpty) =
      end.overflow
      ? (.max, false) : (end.partialValue & ~(page - 1)).subtractingReportingOverflow(1)
    let onePage = IOVARange(byte: start).aligned(to: .fourKiB)
    guard let first, !isEmpty else { return onePage }
    guard let range = IOVARange(first: first, last: IOVA(last)) else { return onePage }
    return range.byteCount == nil
      ? IOVARange(first: first, last: IOVA(last - page)) ?? onePage : range
  }
}

/// Whether a device may be trusted with translations that are gone but not yet invalidated.
@frozen
public enum FunctionTrust: Sendable {
  /// A device that is part of the machine.
  case trusted
  /// A device that a stranger may have brought.
  case untrusted
}
