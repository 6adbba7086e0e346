public import Synchronization

/// A domain with a translation table: device addresses are allocated, mapped, and given up again.
///
/// The life of a mapping: addresses from the scheme, entries into the table, one invalidation if a
/// device must be told; the driver uses the token's address; `unmap` clears the entries and leaves
/// it to the scheme when the addresses are free again. Context: any processor, several at once.
/// Allocates: at `init` only, but for coherent buffers and tables.
public final class PagingDomain<Platform: DMAPlatform, Scheme: InvalidationScheme>:
  TranslationDomain<Platform.Control>, DMADomain, InvalidationIssuer, @unchecked Sendable
{
  /// The translation table of this platform.
  public typealias Table = TranslationTable<Platform.Format, Platform.Memory>

  /// The memory that tables and buffers lie in.
  public let memory: Platform.Memory

  /// Where addresses come from and when they are free again.
  public let scheme: Scheme

  /// The translation table.
  public let table: Table

  /// What was issued, and why.
  public let counters: InvalidationCounters

  /// How much was stale, for how long; nothing where the platform's observer does not measure it.
  public let staleWindow = StaleWindow()

  /// Pages that are lost for good.
  public let quarantineRecord: Quarantine

  /// What tokens of pages carry that were written through leases.
  @usableFromInline let leasedOwner: MappingOwner

  /// What the domain was made with.
  public let options: PagingDomainOptions

  @usableFromInline let timer: Platform.Timer
  @usableFromInline let observer: Platform.Observer
  @usableFromInline let processors: FixedStorage<ProcessorState>
  @usableFromInline let bridgedGap: UInt64
  /// Whether any page of the aperture will do for a single page.
  @usableFromInline let takesOpenPages: Bool
  @usableFromInline let parkedTimerIsArmed = Atomic<Bool>(false)
  let flushing = SpinLock("flush with reuse")

  /// What one processor has of its own, behind its own lock.
  @usableFromInline
  struct ProcessorState: ~Copyable {
    @usableFromInline let lock = SpinLock("processor of a domain", lines: 1)
    @usableFromInline var pending = PendingRanges()
    @usableFromInline let parked: ReuseCache

    init(reuseSlotsLog2: Int) {
      parked = ReuseCache(slotsLog2: reuseSlotsLog2)
    }
  }

  /// An empty domain with no device, over the aperture of `scheme`.
  ///
  /// Throws: where no memory was to be had for the root table.
  public init(
    scheme: Scheme, memory: Platform.Memory, timer: Platform.Timer, observer: Platform.Observer,
    options: PagingDomainOptions
  ) throws(TableMemoryError) {
    self.scheme = scheme
    self.memory = memory
    self.timer = timer
    self.observer = observer
    self.options = options
    table = try Table(
      aperture: scheme.aperture, memory: memory,
      keptTables: Self.keptTables(options, defersInvalidation: scheme.defersInvalidation))
    let granule = Platform.Format.granule
    quarantineRecord = Quarantine(granule: granule)
    leasedOwner = MappingOwner(quarantineRecord, isLeased: true)
    let count = max(options.processors, 1)
    // The scheme outlives the domain where somebody keeps the counters.
    counters = InvalidationCounters(processors: count) { scheme.leasedMappings }
    let slots = options.modifiers.contains(.reuse) ? options.reuseSlotsLog2 : 1
    processors = FixedStorage(count: count) { _ in ProcessorState(reuseSlotsLog2: slots) }
    let gap = options.cost.pagesPerInstruction
    bridgedGap = PageCount(gap).byteCount(of: granule) ?? .max
    takesOpenPages = Self.canMapQuickly(options, scheme.aperture)
    super.init(isQuick: takesOpenPages)
  }

  override func check(_ control: Platform.Control) throws(AttachError) {
    try checkAperture(control)
  }

  override func enable(
    _ control: Platform.Control, by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try register(control, by: owner, on: cpu)
  }

  deinit {
    // Here and not in the superclass: by then the tables would have been freed.
    expectNoDevices()
    // Tokens still out would point at a record that is gone: let it live for ever instead.
    let out = counters[.maps] &- counters[.unmaps]
    if out != 0 { quarantineRecord.makeImmortal() }
  }

  /// The addresses that mappings get.
  public var aperture: IOVARange { scheme.aperture }

  /// The number of mappings that were made and not taken back, dropped ones included.
  public var liveMappings: UInt64 { counters[.maps] &- counters[.unmaps] }

  /// The number of lowest-level tables that a global invalidation would meet.
  public var tablesInUse: UInt64 { table.leafTablesInUse }

  /// The present, as the platform tells it.
  @inlinable
  public func now() -> Instant { timer.now() }

  /// Passes the wish on to the platform.
  public func arm(
    _ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision
  ) {
    timer.arm(purpose, after: timeout, precision)
  }

  /// Counts `range` as lost: it stays mapped or cached, and is never handed out again.
  public func quarantine(_ range: IOVARange) {
    quarantineRecord.take(range)
    observer.quarantined(range)
  }

  /// Accounts for stale pages that a range invalidation freed.
  @inlinable
  public func account(freed pages: UInt64, oldest since: Instant) {
    if Platform.Observer.measuresStaleTime { staleWindow.end(pages, oldest: since, at: now()) }
  }

  /// Accounts for pages that became stale at `since`, if somebody wants to know.
  @inlinable
  @inline(__always)
  func account(stale pages: UInt64, since: @autoclosure () -> Instant) {
    if Platform.Observer.measuresStaleTime { staleWindow.retire(pages, at: since()) }
  }

  @inlinable
  func processor(_ cpu: CPUIndex) -> Int {
    cpu.rawValue < processors.count ? cpu.rawValue : cpu.rawValue % processors.count
  }
}
