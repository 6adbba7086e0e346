public import IOMMU

/// A number that two runs share only if the same things happened in them at the same times.
///
/// FNV-1a over the words of every event, in order: device accesses, refreshes, entries, tables,
/// registrations and conditions. Data that devices move is not part of it.
public final class TraceHash: MachineObserver {
  /// The hash of what happened so far.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The number of events so far.
  public private(set) var events: UInt64 = 0

  /// The hash of nothing.
  public init() {}

  private func add(_ kind: UInt64, _ time: Instant, _ words: UInt64...) {
    events &+= 1
    mix(kind)
    mix(time.nanoseconds)
    for word in words { mix(word) }
  }

  private func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    value ^= value &>> 29
  }

  /// Takes in the access.
  public func deviceAccessed(_ access: DeviceAccess) {
    add(
      1, access.time, UInt64(access.function), access.iova.rawValue, UInt64(access.byteCount),
      access.physical?.rawValue ?? .max, UInt64(access.kind.rawValue))
  }

  /// Takes in the refresh.
  public func translationsRefreshed(_ refresh: TranslationRefresh) {
    add(
      2, refresh.ended, UInt64(refresh.function), refresh.range.first.rawValue,
      refresh.range.last.rawValue, UInt64(refresh.cpu.rawValue),
      refresh.began.nanoseconds, refresh.pagesChanged, UInt64(refresh.conditionCode),
      UInt64(refresh.status))
  }

  /// Takes in the entries.
  public func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant
  ) {
    add(3, time, address.rawValue, UInt64(count), first, step)
  }

  /// Takes in the table.
  public func tableAllocated(_ table: PhysicalRange, time: Instant) {
    add(4, time, table.first.rawValue, table.last.rawValue)
  }

  /// Takes in the table.
  public func tableFreed(_ table: PhysicalRange, time: Instant) {
    add(5, time, table.first.rawValue, table.last.rawValue)
  }

  /// Takes in the registration.
  public func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant
  ) {
    add(6, time, UInt64(function), designation ?? .max, range?.first.rawValue ?? .max)
  }

  /// Takes in the condition.
  public func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant
  ) {
    add(7, time, UInt64(function), UInt64(from.rawValue), UInt64(to.rawValue))
  }
}
