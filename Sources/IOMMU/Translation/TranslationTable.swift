public import Synchronization

/// A hardware translation table for the addresses of one aperture, for use by many processors.
///
/// Having one proves that its root can be given to the hardware: every entry that nobody mapped is
/// invalid. It does not prove that the hardware uses it, nor that nothing older is cached.
///
/// ``map(_:to:_:checking:)`` and ``unmap(_:checking:)`` go straight to the leaf table, without a
/// walk: a directory holds one word for each leaf table's span (1 MiB on s390), with the table's
/// address and the number of its live entries. The count also keeps a table from being removed
/// under a mapper. A leaf table that became empty stays until it is one of too many, or until
/// ``unlinkEmptyTables(limit:)``, takes it out of the hardware's sight; its memory returns only
/// after ``cover(_:)``, once an invalidation has covered it.
///
/// Tables above the leaves stay until the whole table is destroyed. On s390 that is one segment
/// table of 16 KiB for each 2 GiB that was ever used: 512 KiB for an aperture of 64 GiB.
///
///     let table = try TranslationTable<Format, Memory>(aperture: aperture, memory: memory)
///     try table.map(range, to: buffer.first, .readWrite)
///     try table.unmap(range, gather: &gather)
///
/// Context: every operation from any processor, several at once, as long as no two of them name
/// the same page; looking up is free of that rule. Allocates: at creation 24 bytes for each leaf
/// table's span (1.5 MiB for 64 GiB on s390), and afterwards only tables, from `memory`.
@frozen
public struct TranslationTable<Format: TableFormat, Memory: TableMemory>: ~Copyable, Sendable {
  /// The addresses that can be mapped.
  public let aperture: IOVARange

  /// Where the tables live.
  public let memory: Memory

  /// The top-level table, as the hardware is told of it.
  public let root: PhysicalAddress

  /// The number of the span that the aperture begins in.
  @usableFromInline let firstSpan: UInt64

  /// How far from the beginning of the aperture its last page begins.
  @usableFromInline let lastPageOffset: UInt64

  /// For each span: leaf table, live entries, and two flags; see `countMask` and the following.
  @usableFromInline let directory: FixedStorage<Atomic<UInt64>>

  /// For each span: the leaf table that was unlinked last and is not freed yet, or 0.
  @usableFromInline let unlinked: FixedStorage<Atomic<UInt64>>

  /// The spans with such a table, but for those in an ``UnlinkedTables``.
  @usableFromInline let chains: TableChains

  /// The spans whose leaf table became empty and has not been looked at since.
  @usableFromInline let empties: IndexList

  /// The number of empty tables from which on one is unlinked for each that is listed.
  @usableFromInline let keptTables: Int

  /// Names the directory's words, each a part, and `freeEpoch`.
  @usableFromInline let shared = SharedObject("table directory")

  /// How many times unlinked tables were freed: tells a lookup that what it read may be gone.
  @usableFromInline let freeEpoch = Atomic<UInt64>(0)

  @usableFromInline let allocatedTotal = Atomic<UInt64>(0)
  @usableFromInline let freedTotal = Atomic<UInt64>(0)

  /// The tables above the leaves that hold memory now.
  @usableFromInline let interiorTotal = Atomic<UInt64>(0)
  @usableFromInline let unlinkedTotal = Atomic<Int>(0)

  /// Creates a table that translates nothing yet, for the addresses in `aperture`.
  ///
  /// `aperture` is whole granules within ``reach``: a programmer's error to break. Fewer empty leaf
  /// tables than `keptTables` stay in the hardware's sight: for each one more, the oldest is
  /// unlinked, and waits for an invalidation as told by ``waitingTableCount``.
  /// - Throws: ``TableMemoryError/exhausted(byteCount:)`` where there is no memory for the root, or
  ///   where the aperture has so many spans that the directory could not be addressed; nothing was
  ///   taken.
  /// - Complexity: one step for each leaf table's span.
  @inlinable
  public init(
    aperture: IOVARange, memory: Memory, keptTables: Int = .max
  ) throws(TableMemoryError) {
    Self.checkFormat()
    precondition(Self.reach.contains(aperture), "the aperture lies beyond the format's reach")
    precondition(
      aperture.aligned(to: Format.granule) == aperture, "the aperture is not whole granules")
    let firstSpan = aperture.first.rawValue &>> Self.spanLog2
    let spans = (aperture.last.rawValue &>> Self.spanLog2) &- firstSpan &+ 1
    guard spans < UInt64(UInt32.max) else { throw .exhausted(byteCount: .max) }
    let count = Int(spans)

    let root = try memory.allocateTable(
      byteCount: Self.byteCount(level: Self.rootLevel),
      alignmentLog2: Format.alignmentLog2(level: Self.rootLevel))
    Self.fill(root, level: Self.rootLevel, in: memory)

    self.aperture = aperture
    self.memory = memory
    self.root = root
    self.firstSpan = firstSpan
    lastPageOffset = aperture.byteCountMinusOne &- (Format.granule.byteCount &- 1)
    directory = FixedStorage(count: count) { _ in Atomic(0) }
    unlinked = FixedStorage(count: count) { _ in Atomic(0) }
    chains = TableChains(capacity: count)
    empties = IndexList(capacity: count)
    self.keptTables = keptTables
    allocatedTotal.store(1, ordering: .relaxed)
    interiorTotal.store(Self.rootLevel == 0 ? 0 : 1, ordering: .relaxed)
    // With a single level the root is the one leaf table; it is never empty enough to go.
    if Self.rootLevel == 0 { directory[0].store(root.rawValue, ordering: .relaxed) }
  }

  /// Gives every table back, those that wait for an invalidation too.
  ///
  /// The hardware must have stopped walking the table: translation is disabled, or uses another.
  @inlinable
  deinit {
    releaseAllTables()
  }

  /// The level of the root; leaves are level 0.
  @inlinable
  public static var rootLevel: Int { Format.levels &- 1 }

  /// The number of tables that were ever allocated, the root among them.
  public var tablesAllocated: UInt64 { allocatedTotal.load(ordering: .relaxed) }

  /// The number of those that were given back.
  public var tablesFreed: UInt64 { freedTotal.load(ordering: .relaxed) }

  /// The number of tables that hold memory now, in the hardware's sight or waiting to be freed.
  public var tablesLive: UInt64 { tablesAllocated &- tablesFreed }

  /// The number of leaf tables that were unlinked and not freed: they wait for their invalidation
  /// or to be freed, or their ``UnlinkedTables`` was dropped and they stay quarantined until the
  /// table is destroyed.
  public var tablesUnlinked: Int { unlinkedTotal.load(ordering: .relaxed) }

  /// The number of those that the next ``unlinkEmptyTables(limit:)`` hands out, whatever its limit:
  /// they wait for an invalidation to begin.
  @inlinable
  public var waitingTableCount: Int { chains.waitingCount }

  /// The number of leaf tables that became empty since they were last looked at.
  ///
  /// ``unlinkEmptyTables(limit:)`` can take out that many at most: some may be in use again.
  public var emptyTableCount: Int { empties.count }

  /// The number of leaf tables that the hardware can find, empty ones among them.
  ///
  /// It is what a walk of everything meets. Exact while nobody maps or unmaps.
  public var leafTablesInUse: UInt64 {
    let leaves = Int(clamping: tablesLive) &- Int(clamping: interiorTotal.load(ordering: .relaxed))
    return UInt64(max(leaves &- tablesUnlinked, 0))
  }
}
