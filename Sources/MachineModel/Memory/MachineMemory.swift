public import IOMMU

/// The machine's memory as drivers use it: tables, buffers, and values in an explicit byte order.
///
/// Physical addresses begin at 0. The first mebibyte is never handed out, so that no table or
/// buffer lies at address 0, which the hardware's formats take for "none". Table memory follows,
/// then buffers up to the end. It is a handle: machine, driver and device share one.
public final class MachineMemory: @unchecked Sendable {
  /// The first byte of table memory.
  static let tableBase: UInt64 = 1 << 20

  let bytes: MachineBytes
  let timeline: Timeline
  let observers: Observers
  let faults: FaultInjector

  /// The first byte after table memory.
  let tableEnd: UInt64

  var tables: BlockPool
  var buffers: BlockPool
  private let sharedLoadPicoseconds: UInt64
  let copyPicosecondsPerByte: UInt64
  let freedBuffers: FreedBuffers

  /// How often table memory was written, counted; the time axis of ``tableVersions``.
  var tableVersion: UInt64 { tableVersionCell.value }
  private let tableVersionCell = Cell<UInt64>(0)

  /// For each 2 KiB of table memory: the ``tableVersion`` of the last store into it.
  private let tableVersions: ZeroedWords<UInt64>

  init(
    _ description: MachineDescription, timeline: Timeline, observers: Observers,
    faults: FaultInjector
  ) {
    self.timeline = timeline
    self.observers = observers
    self.faults = faults
    bytes = MachineBytes(byteCount: description.memoryBytes)
    tableEnd = Self.tableBase + description.tableMemoryBytes
    tables = BlockPool(
      base: Self.tableBase, byteCount: description.tableMemoryBytes, unitLog2: 11)
    buffers = BlockPool(
      base: tableEnd, byteCount: description.memoryBytes - tableEnd, unitLog2: 12)
    tableVersions = ZeroedWords(count: Int(description.tableMemoryBytes &>> 11))
    sharedLoadPicoseconds = description.costs.sharedLoadPicoseconds
    copyPicosecondsPerByte = description.costs.copyPicosecondsPerByte
    freedBuffers = description.freedBuffers
  }

  /// The number of bytes.
  public var byteCount: UInt64 { bytes.byteCount }

  /// The bytes of table memory that are handed out now.
  public var tableBytesInUse: UInt64 { UInt64(tables.unitsInUse) &<< 11 }

  /// The greatest number of bytes of table memory that were handed out at once.
  public var tableBytesInUseMax: UInt64 { UInt64(tables.unitsInUseMax) &<< 11 }

  /// The bytes of buffer memory that are handed out now.
  public var bufferBytesInUse: UInt64 { UInt64(buffers.unitsInUse) &<< 12 }

  /// Reads bytes from `address` into all of `target`, as a processor does.
  public func read(at address: PhysicalAddress, into target: inout MutableSpan<UInt8>) {
    timeline.catchUp()
    bytes.read(address.rawValue, byteCount: target.count, into: &target, at: 0)
  }

  /// Writes all of `source` to `address`, as a processor does.
  public func write(_ source: Span<UInt8>, at address: PhysicalAddress) {
    bytes.write(source, from: 0, byteCount: source.count, to: address.rawValue)
    noteStore(address.rawValue, byteCount: UInt64(source.count))
  }

  /// Sets `range` to `value`, as a processor does.
  public func fill(_ range: PhysicalRange, with value: UInt8) {
    let count = range.byteCountMinusOne &+ 1
    bytes.fill(range.first.rawValue, byteCount: Int(count), with: value)
    noteStore(range.first.rawValue, byteCount: count)
  }

  /// Whether nothing was stored since `version` into the 2 KiB of table memory at `address`; false
  /// for memory outside, whose stores are not counted.
  func isUnchanged(tableAt address: UInt64, since version: UInt64) -> Bool {
    if address < Self.tableBase || address >= tableEnd { return false }
    return tableVersions[Int((address - Self.tableBase) &>> 11)] <= version
  }

  /// Counts a store, if it went into table memory.
  ///
  /// Anything that writes memory calls this, so that a refresh need only look at what changed.
  func noteStore(_ address: UInt64, byteCount: UInt64) {
    if byteCount == 0 { return }
    let last = address + byteCount - 1
    if noteTableStore(first: address, last: last) && !observers.isEmpty {
      let entry = UInt64(bigEndian: bytes.load64(address & ~7))
      for observer in observers.all {
        observer.entriesStored(
          at: PhysicalAddress(address & ~7), count: Int((last & ~7) - (address & ~7)) / 8 + 1,
          first: entry, step: 0, time: now)
      }
    }
  }

  /// Counts a store of the bytes `first…last`; whether any of them are table memory.
  @discardableResult
  func noteTableStore(first: UInt64, last: UInt64) -> Bool {
    if first >= tableEnd || last < Self.tableBase { return false }
    tableVersionCell.value &+= 1
    var block = (max(first, Self.tableBase) - Self.tableBase) &>> 11
    let lastBlock = (min(last, tableEnd - 1) - Self.tableBase) &>> 11
    while block <= lastBlock {
      tableVersions[Int(block)] = tableVersion
      block &+= 1
    }
    return true
  }

  var now: Instant { Instant(nanoseconds: timeline.localTime) }

  /// What reading a value that a device may write costs, and shows.
  ///
  /// Devices come up to the processor's time first. Each read takes some time, so that a loop that
  /// polls memory gets on.
  func beginSharedLoad() {
    timeline.charge(picoseconds: sharedLoadPicoseconds)
    timeline.catchUp()
  }
}
