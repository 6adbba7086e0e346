/// The hypervisor's shadow of a guest's table: what a device under it reaches, and nothing else.
///
/// Only a refresh changes it. A refresh of a range compares every page of the range with the
/// guest's table as it is then, pins pages that are new and unpins those that are gone. What that
/// costs is counted page by page; finding the pages that changed is not done so, because a run
/// makes thousands of refreshes of hundreds of thousands of pages: per mebibyte the shadow knows
/// which page table it last agreed with, and memory knows when that table was last written
/// (``MachineMemory/isUnchanged(tableAt:since:)``), so that an untouched mebibyte is one
/// comparison. The result is that of the full comparison, which the tests do beside it.
struct Shadow: ~Copyable {
  /// The number of the aperture's first page.
  let firstPage: UInt64

  /// The number of the aperture's pages.
  let pageCount: Int

  private let pages: ZeroedWords<UInt32>

  /// Per mebibyte: the page table that the shadow agreed with as a whole, with bit 0 for
  /// protection; 0 for none.
  private let agreedTable: ZeroedWords<UInt64>

  /// Per mebibyte: the version of table memory at which it agreed.
  private let agreedVersion: ZeroedWords<UInt64>

  /// Per mebibyte: the number of pages that are pinned.
  private let pinnedInSegment: ZeroedWords<UInt32>

  /// The number of pages that are pinned now.
  private(set) var pinned: UInt64 = 0

  /// The greatest number of pages that may be pinned at once.
  private let pinnedMax: UInt64

  /// An empty shadow over an aperture of whole mebibytes.
  init(firstAddress: UInt64, byteCount: UInt64, pinnedMax: UInt64) {
    firstPage = firstAddress &>> 12
    pageCount = Int(byteCount &>> 12)
    pages = ZeroedWords(count: pageCount)
    let segments = Int(byteCount &>> 20)
    agreedTable = ZeroedWords(count: segments)
    agreedVersion = ZeroedWords(count: segments)
    pinnedInSegment = ZeroedWords(count: segments)
    self.pinnedMax = pinnedMax
  }

  /// The limit that holds for the refresh that is running.
  private var pinLimit: UInt64 = 0

  /// Whether a refresh may pin pages.
  enum Pinning {
    /// Up to the limit.
    case allowed
    /// Not at all, as while the hypervisor lacks memory: it only takes up what is gone.
    case refused
  }

  /// What a refresh did.
  struct Outcome {
    /// Pages that were passed or compared, in all passes.
    var scanned: UInt64 = 0
    /// Those of them for which the guest has no page table, and no frame either.
    var absent: UInt64 = 0
    /// Page tables that were visited, in all passes.
    var tables: UInt64 = 0
    /// Pages whose shadow changed.
    var changed: UInt64 = 0
    /// Whether pages were left out because no more may be pinned.
    var isShort = false
    /// Where the walk could not go on, and why; pages before it were refreshed.
    var fault: (address: UInt64, fault: TranslationFault)?
  }

  /// The shadow of the page at `index` from the aperture's first.
  func translation(at index: Int) -> CachedTranslation {
    CachedTranslation(rawValue: pages[index])
  }

  /// Refreshes `count` pages from `first`, an index within the aperture.
  ///
  /// As under QEMU (`rpcit_service_call`), pages are taken in ascending order; one that cannot be
  /// pinned is passed over, and once the pass has unpinned others, a second one takes it up.
  mutating func refresh(
    first: Int, count: Int, by walk: TableWalk, pinning: Pinning = .allowed
  ) -> Outcome {
    var outcome = Outcome()
    pinLimit = pinning == .allowed ? pinnedMax : 0
    pass(first, count, walk, &outcome)
    if outcome.isShort && outcome.fault == nil && pinned < pinLimit {
      outcome.isShort = false
      pass(first, count, walk, &outcome)
    }
    return outcome
  }

  /// Drops everything; returns how many pages were unpinned.
  mutating func removeAll() -> UInt64 {
    let removed = pinned
    for segment in 0..<pinnedInSegment.count {
      agreedTable[segment] = 0
      if pinnedInSegment[segment] == 0 { continue }
      for index in segment * 256..<segment * 256 + 256 { pages[index] = 0 }
      pinnedInSegment[segment] = 0
    }
    pinned = 0
    return removed
  }

  private mutating func pass(
    _ first: Int, _ count: Int, _ walk: TableWalk, _ outcome: inout Outcome
  ) {
    var index = first
    let end = first + count
    while index < end {
      let segmentEnd = min((index | 0xff) + 1, end)
      refreshSegment(index, segmentEnd, walk, &outcome)
      if outcome.fault != nil { return }
      index = segmentEnd
    }
  }

  /// Refreshes the pages `first..<end`, which lie in one mebibyte.
  private mutating func refreshSegment(
    _ first: Int, _ end: Int, _ walk: TableWalk, _ outcome: inout Outcome
  ) {
    let number = first / 256
    let segment = walk.segment(of: address(first))
    var tag: UInt64 = 0
    switch segment {
    case .fault(let fault):
      outcome.fault = (address(first), fault)
      return
    case .none:
      outcome.absent &+= UInt64(end - first)
      if pinnedInSegment[number] == 0 {
        outcome.scanned &+= UInt64(end - first)
        return
      }
    case .frame:
      break
    case .table(let table, let isProtected):
      tag = table | (isProtected ? 1 : 0)
      outcome.tables &+= 1
      if agreedTable[number] == tag
        && walk.memory.isUnchanged(tableAt: table, since: agreedVersion[number])
      {
        outcome.scanned &+= UInt64(end - first)
        return
      }
    }
    let wasShort = outcome.isShort
    outcome.isShort = false
    for index in first..<end {
      compare(index, number, walk.page(of: address(index), in: segment), &outcome)
      if outcome.fault != nil { break }
      outcome.scanned &+= 1
    }
    let agrees = outcome.fault == nil && !outcome.isShort && end - first == 256
    if agrees {
      agreedTable[number] = tag
      agreedVersion[number] = walk.memory.tableVersion
    } else if agreedTable[number] != tag || outcome.isShort || outcome.fault != nil {
      agreedTable[number] = 0
    }
    outcome.isShort = outcome.isShort || wasShort
  }

  private mutating func compare(
    _ index: Int, _ segment: Int, _ page: TableWalk.Page, _ outcome: inout Outcome
  ) {
    let old = CachedTranslation(rawValue: pages[index])
    var new = CachedTranslation.none
    switch page {
    case .fault(let fault):
      outcome.fault = (address(index), fault)
      return
    case .translation(let translation):
      new = translation
    case .none:
      break
    }
    if new == old { return }
    if new.isValid && !old.isValid {
      if pinned >= pinLimit {
        outcome.isShort = true
        return
      }
      pinned &+= 1
      pinnedInSegment[segment] = pinnedInSegment[segment] &+ 1
    } else if !new.isValid {
      pinned &-= 1
      pinnedInSegment[segment] = pinnedInSegment[segment] &- 1
    }
    pages[index] = new.rawValue
    outcome.changed &+= 1
  }

  private func address(_ index: Int) -> UInt64 {
    (firstPage &+ UInt64(index)) &<< 12
  }
}
