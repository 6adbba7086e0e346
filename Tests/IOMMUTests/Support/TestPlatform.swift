import IOMMU
import Synchronization

/// A platform of plain memory, a clock that tests move, and hardware that only records.
enum TestPlatform: DMAPlatform {
  typealias Format = TestFormat
  typealias Memory = TestMemory
  typealias Control = RecordingControl
  typealias Timer = ManualTimer
  typealias Observer = StaleWatcher
}

/// Three levels of 9 bits over 4 KiB pages, so that nothing here depends on s390.
enum TestFormat: TableFormat {
  static var granule: Granule { .fourKiB }
  static var levels: Int { 3 }
  static func indexBits(level: Int) -> UInt8 { 9 }
  static func alignmentLog2(level: Int) -> UInt8 { 12 }
  static func invalidEntry(level: Int) -> UInt64 { 0 }
  static func tableEntry(level: Int, child: PhysicalAddress) -> UInt64 { child.rawValue | 1 }
  static func leafEntry(_ physical: PhysicalAddress, _ permission: DevicePermission) -> UInt64 {
    physical.rawValue | 1 | (permission.allowsWrite ? 2 : 0)
  }
  static func isValid(_ entry: UInt64, level: Int) -> Bool { entry & 1 == 1 }
  static func child(of entry: UInt64, level: Int) -> PhysicalAddress {
    PhysicalAddress(entry & ~0xfff)
  }
  static func physical(of leaf: UInt64) -> PhysicalAddress { PhysicalAddress(leaf & ~0xfff) }
  static func permission(of leaf: UInt64) -> DevicePermission {
    leaf & 2 == 0 ? .read : .readWrite
  }
  static var physicalLimit: PhysicalAddress { PhysicalAddress((1 << 40) - 1) }
}

/// Tables in host memory; buffers are handed out as numbers alone, with bytes kept in a dictionary.
final class TestMemory: TableMemory, BufferMemory, @unchecked Sendable {
  let tables: HostTableMemory<LittleEndian>
  private let lock = SpinLock()
  private var bytes: [UInt64: UInt8] = [:]
  private var next: UInt64 = 1 << 32
  private(set) var buffersInUse = 0
  /// The number of further buffers that can be had.
  var buffersLeft = Int.max

  init(tableBytes: Int = 4 << 20) {
    tables = HostTableMemory<LittleEndian>(
      byteCount: tableBytes, base: PhysicalAddress(1 << 20))
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
  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    tables.compareExchangeEntry(at: address, expected: expected, desired: desired)
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    try lock.withLock { () throws(TableMemoryError) -> PhysicalRange in
      guard buffersLeft > 0 else { throw .exhausted(byteCount: byteCount) }
      buffersLeft -= 1
      buffersInUse += 1
      let size = (UInt64(byteCount) + 4_095) & ~4_095
      defer { next += size }
      return PhysicalRange(first: PhysicalAddress(next), byteCount: size)!
    }
  }
  func freeBuffer(_ range: PhysicalRange) {
    lock.withLock { buffersInUse -= 1 }
  }
  subscript(address: UInt64) -> UInt8 {
    get { lock.withLock { bytes[address] ?? 0 } }
    set { lock.withLock { bytes[address] = newValue } }
  }
  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(self[address.rawValue + $1]) << ($1 * 8) }
  }
  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    for byte in 0..<4 as Range<UInt64> {
      self[address.rawValue + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8))
    }
  }
  func loadLittle64(at address: PhysicalAddress) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(self[address.rawValue + $1]) << ($1 * 8) }
  }
  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    for byte in 0..<8 as Range<UInt64> {
      self[address.rawValue + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8))
    }
  }
  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {
    for byte in 0..<byteCount { self[target.rawValue + byte] = self[source.rawValue + byte] }
  }
}

/// Hardware that does nothing but take notes, and fails when told to.
final class RecordingControl: TranslationControl, @unchecked Sendable {
  enum Call: Equatable {
    case enable, identity, disable, all, look, recover, reset
    case range(IOVARange)
  }
  var requiresMapSideInvalidation = true
  var allowsDeferredInvalidation = true
  var isTrusted = true
  var aperture = IOVARange(first: IOVA(0), last: IOVA(.max))!
  private(set) var calls: [Call] = []
  private(set) var isTranslating = false
  /// Whether the function is in error state: it reaches nothing, and says so when asked.
  var isFailed = false
  let claim = TranslationClaim()
  /// The errors of the next calls, by position; `nil` succeeds.
  var failures: [ControlError?] = []

  /// What another processor does in the middle of a call.
  var during: ((Call) -> Void)?

  private func step(_ call: Call) throws(ControlError) {
    calls.append(call)
    during?(call)
    if failures.isEmpty { return }
    if let failure = failures.removeFirst() { throw failure }
  }
  func forget() { calls = [] }
  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try step(.enable)
    if isFailed { throw .functionInError }
    if isTranslating { throw .alreadyEnabled }
    isTranslating = true
  }
  func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    try step(.disable)
    isTranslating = false
  }
  func enableIdentity(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try step(.identity)
    if isFailed { throw .functionInError }
    isTranslating = true
  }
  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool {
    try step(.look)
    return isFailed
  }
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try step(.recover)
    isFailed = false
  }
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {
    try step(.reset)
    isFailed = false
    isTranslating = false
  }
  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    try step(.range(range))
  }
  func invalidateAll(on cpu: CPUIndex) throws(ControlError) { try step(.all) }
}

/// A clock that stands still, and a list of the timers that were armed.
final class ManualTimer: DomainTimer, @unchecked Sendable {
  var time: UInt64 = 1_000
  private(set) var armed: [(purpose: TimerPurpose, due: UInt64)] = []
  func now() -> Instant { Instant(nanoseconds: time) }
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {
    armed.append((purpose, time + timeout.rawValue))
  }
  /// Takes out the timers that are due at the present time.
  func takeDue() -> [TimerPurpose] {
    let due = armed.filter { $0.due <= time }.map(\.purpose)
    armed.removeAll { $0.due <= time }
    return due
  }
}

/// Sees nothing, and has the domain measure how long pages are stale.
struct StaleWatcher: DomainObserver {}
