import IOMMU

/// A domain over a dictionary of pages, which counts what is mapped and what came back.
///
/// Streaming mappings reach the device only after `synchronize`, as the protocol allows.
final class FakeDomain: DMADomain, @unchecked Sendable {
  struct Page {
    var physical: UInt64
    var isWritable: Bool
    var isAnnounced: Bool
  }

  let memory: FakeMemory
  let quarantine = Quarantine(granule: .fourKiB)
  private(set) var pages: [UInt64: Page] = [:]
  private(set) var liveStreaming = 0
  private(set) var liveCoherent = 0
  private(set) var synchronizations = 0
  /// Mapping number n from now on fails, counted from 1.
  var failingMap: Int?
  /// Coherent allocation number n from now on fails, counted from 1.
  var failingCoherent: Int?
  var isSynchronizeFailing = false
  private var unannounced: [UInt64] = []
  private var nextPage: UInt64 = 0x1_0000_0000

  init(memory: FakeMemory) {
    self.memory = memory
  }

  var isEmpty: Bool {
    liveStreaming == 0 && liveCoherent == 0 && pages.isEmpty && quarantine.ranges == 0
  }

  func map<Direction: DMADirection>(
    _ buffer: PhysicalRange, _ direction: Direction.Type, on cpu: CPUIndex
  ) throws(MapError) -> Mapping<Direction> {
    if count(&failingMap) { throw .noAddress(.exhausted(pages: PageCount(1), limit: IOVA(.max))) }
    liveStreaming += 1
    return enter(buffer, isAnnounced: false)
  }

  func synchronize(on cpu: CPUIndex) throws(MapError) {
    synchronizations += 1
    if isSynchronizeFailing { throw .control(.outOfResources) }
    for page in unannounced { pages[page]?.isAnnounced = true }
    unannounced = []
  }

  func unmap<Direction: DMADirection>(_ mapping: consuming Mapping<Direction>, on cpu: CPUIndex) {
    precondition(mapping.belongs(to: quarantine))
    remove(mapping.device)
    liveStreaming -= 1
    mapping.surrender()
  }

  func allocateCoherent(byteCount: Int, on cpu: CPUIndex) throws(MapError) -> CoherentBuffer {
    if count(&failingCoherent) { throw .noMemory(.exhausted(byteCount: byteCount)) }
    let range: PhysicalRange
    do {
      range = try memory.allocateBuffer(byteCount: byteCount)
    } catch {
      throw .noMemory(error)
    }
    liveCoherent += 1
    return CoherentBuffer(mapping: enter(range, isAnnounced: true))
  }

  func freeCoherent(_ buffer: consuming CoherentBuffer, on cpu: CPUIndex) {
    let mapping = buffer.release()
    remove(mapping.device)
    memory.freeBuffer(mapping.memory)
    liveCoherent -= 1
    mapping.surrender()
  }

  func syncForCPU<Direction: DeviceWritable>(_ mapping: borrowing Mapping<Direction>) {}

  func syncForDevice<Direction: DeviceReadable>(_ mapping: borrowing Mapping<Direction>) {}

  /// Where the device's access to a byte ends up, or `nil` where it may not.
  func translate(_ address: UInt64, isWrite: Bool) -> UInt64? {
    guard let page = pages[address >> 12], page.isAnnounced, page.isWritable || !isWrite else {
      return nil
    }
    return page.physical | address & 0xfff
  }

  private func enter<Direction: DMADirection>(
    _ buffer: PhysicalRange, isAnnounced: Bool
  ) -> Mapping<Direction> {
    let whole = buffer.aligned(to: .fourKiB)
    // A hole after each mapping catches an access past its end.
    let first = nextPage
    nextPage += (whole.pageCount(of: .fourKiB).rawValue + 1) * 4096
    for index in 0..<whole.pageCount(of: .fourKiB).rawValue {
      if !isAnnounced { unannounced.append(first / 4096 + index) }
      pages[first / 4096 + index] = Page(
        physical: whole.first.rawValue + index * 4096,
        isWritable: Direction.permission == .readWrite, isAnnounced: isAnnounced)
    }
    return Mapping(
      device: IOVARange(
        first: IOVA(first | buffer.first.offset(log2: 12)), byteCount: buffer.byteCount!)!,
      memory: buffer, isBounced: false, quarantine: quarantine)
  }

  private func remove(_ range: IOVARange) {
    for page in range.first.rawValue / 4096...range.last.rawValue / 4096 {
      precondition(pages.removeValue(forKey: page) != nil, "unmapped twice")
    }
  }

  private func count(_ countdown: inout Int?) -> Bool {
    guard let left = countdown else { return false }
    countdown = left == 1 ? nil : left - 1
    return left == 1
  }
}
