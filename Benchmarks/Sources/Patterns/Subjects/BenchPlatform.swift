import IOMMU
import ZPCI

/// What a domain is bound to here: s390's tables in plain memory, a clock that stands still, and
/// hardware that counts.
enum BenchPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = PlainMemory
  typealias Control = CountingControl
  typealias Timer = StillTimer
  typealias Observer = NoObserver

  /// Number `buffer` of buffers of `pages` pages, somewhere in the lowest terabyte.
  @inline(__always)
  static func memory(_ buffer: UInt64, pages: UInt64) -> PhysicalRange? {
    PhysicalRange(first: PhysicalAddress((buffer & 0x0fff_ffff) &<< 12), byteCount: pages &<< 12)
  }
}

/// A timer that never fires, and a clock that stands still: time costs nothing.
struct StillTimer: DomainTimer {
  func now() -> Instant { Instant(nanoseconds: 1) }
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
}

/// Hardware that does nothing but count.
final class CountingControl: TranslationControl {
  let requiresMapSideInvalidation: Bool
  let claim = TranslationClaim()
  let issued = Tally()

  init(requiresMapSideInvalidation: Bool) {
    self.requiresMapSideInvalidation = requiresMapSideInvalidation
  }

  var allowsDeferredInvalidation: Bool { true }
  var isTrusted: Bool { true }
  var aperture: IOVARange {
    IOVARange(first: IOVA(0), last: IOVA(.max)) ?? IOVARange(byte: IOVA(0))
  }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}
  func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}
  func enableIdentity(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}
  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool { false }
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}

  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    issued.add(on: cpu)
  }
  func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    issued.add(on: cpu)
  }
}

/// Tables in memory of this process; buffers are numbers that nobody reads.
struct PlainMemory: TableMemory, BufferMemory {
  let tables: HostTableMemory<BigEndian>

  /// Where it is said to lie: beyond all buffers.
  static var base: PhysicalAddress { PhysicalAddress(1 << 40) }

  init(tableBytes: Int) {
    tables = HostTableMemory<BigEndian>(byteCount: tableBytes, base: Self.base)
  }

  @inline(__always)
  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try tables.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }
  @inline(__always)
  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    tables.freeTable(table, byteCount: byteCount)
  }
  @inline(__always)
  func loadEntry(at address: PhysicalAddress) -> UInt64 { tables.loadEntry(at: address) }
  @inline(__always)
  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    tables.storeEntry(entry, at: address)
  }
  @inline(__always)
  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    tables.storeEntries(at: address, count: count, first: first, step: step)
  }
  @inline(__always)
  func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAny(at: address, count: count)
  }
  @inline(__always)
  func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAll(at: address, count: count)
  }
  @inline(__always)
  func leafHandle(at address: PhysicalAddress) -> LeafHandle { tables.leafHandle(at: address) }
  @inline(__always)
  func address(of leaf: LeafHandle) -> PhysicalAddress { tables.address(of: leaf) }
  @inline(__always)
  func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    tables.exchangeEntry(entry, in: leaf, index: index)
  }
  @inline(__always)
  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    tables.compareExchangeEntry(at: address, expected: expected, desired: desired)
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    throw .exhausted(byteCount: byteCount)
  }
  func freeBuffer(_ range: PhysicalRange) {}
  func loadLittle32(at address: PhysicalAddress) -> UInt32 { 0 }
  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {}
  func loadLittle64(at address: PhysicalAddress) -> UInt64 { 0 }
  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {}
  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {}
}
