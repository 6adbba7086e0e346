/// What happened to a function since the machine began.
public struct FunctionTotals: Equatable, Sendable {
  /// PCILGs that succeeded.
  public var loads: UInt64 = 0
  /// PCISTGs that succeeded.
  public var stores: UInt64 = 0
  /// PCISTBs that succeeded.
  public var blockStores: UInt64 = 0
  /// Bytes that the device read from memory.
  public var bytesRead: UInt64 = 0
  /// Bytes that the device wrote to memory.
  public var bytesWritten: UInt64 = 0
  /// Message interrupts that were sent.
  public var messages: UInt64 = 0
  /// Message interrupts that found nothing registered for them.
  public var lostMessages: UInt64 = 0
  /// Times that it went into error state.
  public var errors: UInt64 = 0
  /// Refreshes of its translations.
  public var refreshes = RefreshTotals()

  /// Nothing yet.
  public init() {}
}

/// Refreshes of translations that were issued, and what they did.
public struct RefreshTotals: Equatable, Sendable {
  /// Successful refreshes of less than the registered range.
  public var range: UInt64 = 0
  /// Successful refreshes of the whole registered range.
  public var global: UInt64 = 0
  /// Refreshes that answered anything but success.
  public var failed: UInt64 = 0
  /// Those of the failed ones that lacked resources; they dropped what is gone all the same.
  public var outOfResources: UInt64 = 0
  /// Pages that were compared with the shadow.
  public var pagesScanned: UInt64 = 0
  /// Page tables that were visited.
  public var tablesScanned: UInt64 = 0
  /// Those of them that a refresh of the whole registered range visited.
  public var globalTablesScanned: UInt64 = 0
  /// Pages whose translation changed.
  public var pagesChanged: UInt64 = 0
  /// Time that refreshes took the hypervisor or the hardware, in nanoseconds.
  public var nanoseconds: UInt64 = 0
  /// Time that processors waited for another's refresh to end, in nanoseconds.
  public var nanosecondsWaited: UInt64 = 0

  /// Nothing yet.
  public init() {}
}

extension RefreshTotals {
  /// Adds what happened elsewhere.
  mutating func add(_ other: RefreshTotals) {
    range &+= other.range
    global &+= other.global
    failed &+= other.failed
    outOfResources &+= other.outOfResources
    pagesScanned &+= other.pagesScanned
    tablesScanned &+= other.tablesScanned
    globalTablesScanned &+= other.globalTablesScanned
    pagesChanged &+= other.pagesChanged
    nanoseconds &+= other.nanoseconds
    nanosecondsWaited &+= other.nanosecondsWaited
  }
}
