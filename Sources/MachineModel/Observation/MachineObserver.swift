public import IOMMU

/// Something that watches a machine: a checker, a counter, a trace.
///
/// Calls come on one thread, as things happen; an observer must not call the machine back. Every
/// method has a default that does nothing. Order: an observer learns of an event after its effect
/// on the machine, and observers are told in the order in which they were added.
public protocol MachineObserver: AnyObject {
  /// A device asked to read or write memory, within one page.
  func deviceAccessed(_ access: DeviceAccess)

  /// A refresh of translations ended.
  ///
  /// One that was refused before any page was looked at (busy, no such function, in error, no
  /// table, outside the range) is not told of: it changed nothing.
  func translationsRefreshed(_ refresh: TranslationRefresh)

  /// `count` entries were written from `address`: `first`, `first + step`, … , in order.
  ///
  /// Comes for each store into table memory, also for one that a device made by mistake, whose
  /// entries are then read back from memory: `step` is 0 and `first` the word at `address`.
  func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant)

  /// Memory for a translation table was handed out.
  func tableAllocated(_ table: PhysicalRange, time: Instant)

  /// Memory of a translation table was given back.
  func tableFreed(_ table: PhysicalRange, time: Instant)

  /// A function's translation was set up or taken away; `designation` is `nil` for the latter.
  func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant)

  /// A function went from one state to another.
  func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant)
}

extension MachineObserver {
  /// Does nothing.
  public func deviceAccessed(_ access: DeviceAccess) {}

  /// Does nothing.
  public func translationsRefreshed(_ refresh: TranslationRefresh) {}

  /// Does nothing.
  public func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant
  ) {}

  /// Does nothing.
  public func tableAllocated(_ table: PhysicalRange, time: Instant) {}

  /// Does nothing.
  public func tableFreed(_ table: PhysicalRange, time: Instant) {}

  /// Does nothing.
  public func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant
  ) {}

  /// Does nothing.
  public func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant
  ) {}
}

/// A device's access to memory, within one page.
@frozen
public struct DeviceAccess: Equatable, Sendable, BitwiseCopyable {
  /// Which way the data moves.
  @frozen
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// Memory to device.
    case read
    /// Device to memory.
    case write
  }

  /// The number of the function.
  public let function: Int

  /// The first byte, as the device addresses it.
  public let iova: IOVA

  /// The number of bytes, 1 to 4,096.
  public let byteCount: Int

  /// The first byte in memory, or `nil` where the access was refused.
  public let physical: PhysicalAddress?

  /// Whether it was refused because the function may not do DMA at all, whatever the address.
  public let isBlocked: Bool

  /// Which way.
  public let kind: Kind

  /// When.
  public let time: Instant
}

/// A refresh of translations (RPCIT) that a processor issued.
@frozen
public struct TranslationRefresh: Equatable, Sendable, BitwiseCopyable {
  /// The number of the function.
  public let function: Int

  /// The addresses that were refreshed, in whole pages within the registered range.
  public let range: IOVARange

  /// Whether the range held the whole registered aperture.
  public let isGlobal: Bool

  /// The processor.
  public let cpu: CPUIndex

  /// When the hypervisor, or the hardware, began with it.
  public let began: Instant

  /// When the instruction ended, on the processor's clock.
  public let ended: Instant

  /// The number of pages whose cached translation changed.
  public let pagesChanged: UInt64

  /// What the instruction answered; anything but success means that translations may be as before.
  public let conditionCode: UInt8

  /// The reason, where the condition code is 1 or 2.
  public let status: UInt8
}

/// Where a function is in its life.
@frozen
public enum FunctionCondition: UInt8, Sendable, BitwiseCopyable {
  /// Not there, or being taken away.
  case reserved
  /// There, but not the guest's to use.
  case standby
  /// The guest's, and disabled.
  case configured
  /// Ready for use.
  case enabled
  /// Ready, but without DMA: an error was reset, and nothing was allowed again yet.
  case blocked
  /// An error happened: no DMA, no loads and stores, until it is reset.
  case error
  /// An error that only unplugging ends.
  case permanentError
}

/// The observers of a machine, shared by its parts.
final class Observers: @unchecked Sendable {
  private let list = Cell<[any MachineObserver]>([])

  var all: [any MachineObserver] { list.value }

  func add(_ observer: any MachineObserver) {
    list.value.append(observer)
  }

  func removeAll() {
    list.value.removeAll()
  }

  var isEmpty: Bool { list.value.isEmpty }
}
