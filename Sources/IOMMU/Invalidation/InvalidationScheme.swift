/// Where a domain's addresses come from, and when what was unmapped stops being reachable.
///
/// A scheme joins an allocator with the moment of invalidation: it is the mechanism behind one
/// spelling of `InvalidationPolicy`. The domain clears table entries and talks to devices; the
/// scheme says when. Context: any processor, several at once. Allocates: never, after `init`.
public protocol InvalidationScheme: AnyObject, Sendable {
  /// The addresses that are handed out.
  var aperture: IOVARange { get }

  /// Whether an unmapped page may stay reachable for a while.
  var defersInvalidation: Bool { get }

  /// How long an unmapped page may keep its translation for reuse; `nil` until the next flush.
  var parkingLimit: Nanoseconds? { get }

  /// Hands out addresses for `request`, invalidating first where only that makes room.
  func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange

  /// Takes back addresses that no device ever learned of.
  func cancel(_ range: IOVARange, on cpu: CPUIndex)

  /// Takes over a range whose entries were just cleared and that was unmapped at `since`.
  func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer)

  /// Takes over a range as ``retire`` does, but one that was unmapped a while ago and then parked:
  /// other ranges that were unmapped after `since` may have been retired before it.
  func retireParked<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer)

  /// Whether the scheme has pages at hand and leases at all: known when a program is built, so that
  /// others pay nothing for asking.
  static var hasLeases: Bool { get }

  /// What the scheme has for a processor: valid as long as the scheme.
  func source(on cpu: CPUIndex) -> OpenPageSource

  /// A page to be mapped without the table's counting it, where one is at hand; see ``OpenPage``.
  ///
  /// Whoever has one makes its translation through the lease that comes with it, or, where none
  /// does, as for any other page. `log2` is the granule's, as a constant. It goes back by
  /// ``retireOpenPage(_:at:log2:on:issuer:clear:)`` or ``retire``.
  func takeOpenPage(from source: OpenPageSource, log2: UInt64) -> OpenPage?

  /// Counts a mapping that was made through a lease.
  func countLeasedMap(from source: OpenPageSource)

  /// Counts one that was taken back.
  func countLeasedUnmap(on cpu: CPUIndex)

  /// How often either was done; exact once nobody does. Complexity: O(processors).
  var leasedMappings: LeasedMappings { get }

  /// The same where those at hand are used up: the first of the next ones.
  func openNextPage(on cpu: CPUIndex, log2: UInt64) -> OpenPage?

  /// The page at `first`, which was just handed out, where its chunk has a lease.
  func leasedPage(at first: IOVA) -> OpenPage?

  /// Has `clear` clear the entry of the page at `first`, which was mapped through a lease, and
  /// takes the page over, if it can at once.
  ///
  /// `place` is the page's, as this very scheme gave it. `clear` answers whether there was a valid
  /// entry.
  func retireOpenPage<Issuer: InvalidationIssuer>(
    _ first: IOVA, at place: OpenPagePlace, log2: UInt64, on cpu: CPUIndex, issuer: Issuer,
    clear: () -> Bool
  ) -> OpenPageRetirement

  /// Gives the chunk of a live page a lease, unless it has one; `true` if so.
  func lease(chunkOf page: IOVA, _ begin: () -> LeafHandle?) -> Bool

  /// Visits up to `visits` chunks, in turn, and ends the leases of those without live pages, of up
  /// to `endings` of them.
  func endIdleLeases(visits: Int, endings: Int, _ end: (IOVA) -> Void)

  /// Marks the start of a global invalidation, by whoever issues it and for whatever reason.
  func beginGlobalInvalidation() -> InvalidationEpoch

  /// Says that the global invalidation has succeeded: what waited for it becomes free.
  func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex)

  /// Widens a range that is invalidated anyway over stale pages beside it, and takes those up.
  func beginPiggyback(_ range: IOVARange) -> Piggyback

  /// Says how the invalidation of the widened range ended; on success its stale pages are free.
  func endPiggyback(_ piggyback: Piggyback, succeeded: Bool)

  /// Handles a timer that the scheme armed; spurious calls do nothing.
  func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer)
}

extension InvalidationScheme {
  /// No limit of its own.
  @inlinable public var parkingLimit: Nanoseconds? { nil }

  /// Needs no order of time.
  @inlinable
  public func retireParked<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    retire(range, since: since, on: cpu, issuer: issuer)
  }

  /// Leaves the range as it is: this scheme does not know which neighbours are stale.
  @inlinable
  public func beginPiggyback(_ range: IOVARange) -> Piggyback {
    Piggyback(range: range)
  }

  /// Has nothing to free.
  @inlinable
  public func endPiggyback(_ piggyback: Piggyback, succeeded: Bool) {}

  /// Expects no timer.
  @inlinable
  public func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {}
}

/// What a scheme may ask of its domain: the only way to the hardware.
public protocol InvalidationIssuer: AnyObject {
  /// Invalidates `range` on every device; false where a device may still hold old translations.
  func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool

  /// Invalidates everything on every device, inside the scheme's own begin and end.
  ///
  /// False where a device may still hold old translations; then nothing was freed.
  func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool

  /// Has `timerFired` called once, no earlier than `timeout` from now.
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision)

  /// Keeps `range` from ever being handed out again, because a device may still reach it.
  func quarantine(_ range: IOVARange)

  /// Accounts for stale pages that a range invalidation freed; the oldest was stale since `since`.
  func account(freed pages: UInt64, oldest since: Instant)

  /// The number of lowest-level tables that a global invalidation would meet; `.max` for unknown.
  var tablesInUse: UInt64 { get }

  /// The present.
  func now() -> Instant
}

extension InvalidationIssuer {
  /// Does not know.
  @inlinable public var tablesInUse: UInt64 { .max }
}

/// A map-side invalidation that was widened over stale neighbours.
@frozen
public struct Piggyback: Sendable, BitwiseCopyable {
  /// What to invalidate.
  public let range: IOVARange
  /// The stale pages that the scheme has set aside for it, if it found any.
  public let work: RangeInvalidation?
  /// No stale page among them became stale before this.
  public let oldest: Instant

  /// A range that is left as it was.
  @inlinable
  public init(range: IOVARange) {
    self.range = range
    work = nil
    oldest = Instant(nanoseconds: .max)
  }

  /// A widened range and what is stale in it.
  @inlinable
  public init(range: IOVARange, work: RangeInvalidation, oldest: Instant) {
    self.range = range
    self.work = work
    self.oldest = oldest
  }

  /// The number of stale pages that the invalidation will free.
  @inlinable
  public var stalePages: UInt64 { work?.pages.rawValue ?? 0 }
}

/// What a timer of a domain is for.
public enum TimerPurpose: Sendable {
  /// The flush queue's time-out.
  case queue
  /// The age of the oldest stale page.
  case age
  /// The age of the oldest page that is kept for reuse.
  case parked
  /// Returning surplus magazines of the address cache.
  case depot
}

/// How late a timer may fire.
public enum TimerPrecision: Sendable {
  /// On the machine's clock tick, rounded up as Linux's timer wheel does.
  case coarse
  /// As the hardware's comparator fires.
  case precise
}
