public import Synchronization

/// The counters behind ``RefreshCounters``; each is exact, but they are not read all at once.
///
/// The orderings are relaxed: nobody infers anything else from a count.
@usableFromInline
struct RefreshCounting: ~Copyable, Sendable {
  @usableFromInline
  let ranges = Atomic<UInt64>(0)
  @usableFromInline
  let globals = Atomic<UInt64>(0)
  @usableFromInline
  let failed = Atomic<UInt64>(0)
  @usableFromInline
  let outOfResources = Atomic<UInt64>(0)
  @usableFromInline
  let pages = Atomic<UInt64>(0)
  @usableFromInline
  let busyAttempts = Atomic<UInt64>(0)

  @usableFromInline
  init() {}

  @usableFromInline
  var snapshot: RefreshCounters {
    RefreshCounters(
      ranges: ranges.load(ordering: .relaxed), globals: globals.load(ordering: .relaxed),
      failed: failed.load(ordering: .relaxed),
      outOfResources: outOfResources.load(ordering: .relaxed),
      pages: pages.load(ordering: .relaxed), busyAttempts: busyAttempts.load(ordering: .relaxed))
  }
}

extension ZPCIFunction {
  /// How often the function's translations were refreshed since it was found.
  public var refreshCounters: RefreshCounters { counters.snapshot }
}
