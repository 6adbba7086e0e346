import IOMMU
import ZPCI

/// What a domain is bound to where cache lines are priced: s390's tables in plain memory, a clock
/// that stands still, and hardware that does what it is told at no cost.
enum ScalingPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = ScalingMemory
  typealias Control = ScalingControl
  typealias Timer = ScalingTimer
  typealias Observer = NoObserver
}

/// A timer that never fires.
struct ScalingTimer: DomainTimer {
  func now() -> Instant { Instant(nanoseconds: 1) }
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
}

/// Hardware without cost: its own queueing is not what is looked at.
final class ScalingControl: TranslationControl {
  let requiresMapSideInvalidation: Bool
  let claim = TranslationClaim()

  init(isTold: Bool) { requiresMapSideInvalidation = isTold }

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
  ) throws(ControlError) {
    throw .unsupported
  }
  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool { false }
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}
  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {}
  func invalidateAll(on cpu: CPUIndex) throws(ControlError) {}
}

/// Tables in memory of this process; buffers are numbers that nobody reads.
struct ScalingMemory: TableMemory, BufferMemory {
  let tables: HostTableMemory<BigEndian>

  init(tableBytes: Int) {
    tables = HostTableMemory(byteCount: tableBytes, base: PhysicalAddress(1 << 40))
  }

  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try tables.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }
  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    tables.freeTable(table, byteCount: byteCount)
  }
  func loadEntry(at address: PhysicalAddress) -> UInt64 { tables.loadEntry(at: address) }
  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    tables.storeEntry(entry, at: address)
  }
  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    tables.storeEntries(at: address, count: count, first: first, step: step)
  }
  func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAny(at: address, count: count)
  }
  func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAll(at: address, count: count)
  }
  func leafHandle(at address: PhysicalAddress) -> LeafHandle { tables.leafHandle(at: address) }
  func address(of leaf: LeafHandle) -> PhysicalAddress { tables.address(of: leaf) }
  func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    tables.exchangeEntry(entry, in: leaf, index: index)
  }
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
