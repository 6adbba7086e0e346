import Synchronization

/// What the lists' lock guards besides the links.
@usableFromInline
struct RolloverListFields: Sendable, BitwiseCopyable {
  /// The lowest chunk that was never taken from the untouched end of the aperture.
  var nextVirgin = 0

  /// The number of chunks that were taken and are not yet a processor's current one.
  var inTransit = 0

  /// How often stale pages have become free.
  var reclaims: UInt64 = 0

  /// The stamp of each stale list, meaningless while it is empty.
  var stamps: [4 of UInt64] = [0, 0, 0, 0]

  /// The stale list that was last added to.
  var latest = 0

  /// Raised when a stale list's chunks turn out to be finished: what counts for it is void then.
  var generations: [4 of UInt32] = [0, 0, 0, 0]

  /// Lists that had to take chunks of a second stamp.
  var mixed: [4 of Bool] = [false, false, false, false]

  /// How much more often chunks without enough room were visited of late than chunks with it, and
  /// how many chunks were looked at since, to be summarised.
  var crowding = 0
  var swept = 0

  /// Which free lists hold a chunk: bit n - 1 for runs of n pages.
  var lengths = PageBits()
}

/// Where chunks with free pages are found, and where those with stale ones wait, behind one lock.
///
/// A chunk that has a free page is found in one of three ways: its number is not below
/// `nextVirgin`; it is owned, that is some processor's current chunk; or it is on a free list. The
/// free lists sort by the longest run: the chunks on list k have one of k + 1 pages, no longer one.
/// Independently of that, a chunk with stale pages is on one of four stale lists, one
/// for each value of the counter of started invalidations, or on the list of finished ones.
/// Context: every method but the initialiser runs under ``lock``. Allocates: once, in `init`.
@usableFromInline
struct RolloverLists: ~Copyable, Sendable {
  /// Taken about twice for 256 pages; inside a chunk's lock, never around one.
  let lock = SpinLock("rollover lists", lines: 3)
  let free: ChunkLists
  let stale: ChunkLists

  /// Where runs of free and stale pages may begin.
  let runs: RunTree

  /// Whether each chunk is some processor's current one, or about to be.
  let owned: FixedStorage<Bool>
  private let fields: FixedStorage<RolloverListFields>

  /// What was moved into or out of each stale list's count behind the processors' backs.
  let moved = FixedStorage<Atomic<Int>>(count: 4) { _ in Atomic(0) }

  /// The lists of chunks with free pages: one for each length of run.
  static var freeListCount: Int { PageBits.capacity }

  /// The lists of chunks whose stale pages no finished invalidation covers.
  static var staleListCount: Int { 4 }

  /// The list of chunks whose stale pages are free, but for being visited.
  static var finished: Int { 4 }

  /// How far an insertion looks for its place in the order of time.
  private static var insertionStepsMax: Int { 16 }

  init(chunkCount: Int) {
    free = ChunkLists(chunkCount: chunkCount, lists: RolloverLists.freeListCount)
    stale = ChunkLists(chunkCount: chunkCount, lists: RolloverLists.staleListCount + 1)
    runs = RunTree(chunkCount: chunkCount)
    owned = FixedStorage(count: chunkCount) { _ in false }
    fields = FixedStorage(count: 1) { _ in RolloverListFields() }
  }

  /// The lowest chunk that was never taken from the untouched end of the aperture.
  var nextVirgin: Int {
    get { fields[0].nextVirgin }
    nonmutating set { fields[0].nextVirgin = newValue }
  }

  /// How often stale pages have become free, all at once as far as the lists can tell.
  var reclaims: UInt64 {
    get { fields[0].reclaims }
    nonmutating set { fields[0].reclaims = newValue }
  }

  /// The number of chunks that were taken and are not yet a processor's current one.
  var inTransit: Int {
    get { fields[0].inTransit }
    nonmutating set { fields[0].inTransit = newValue }
  }

  /// How much more often chunks without enough room were visited of late than chunks with it.
  var crowding: Int {
    get { fields[0].crowding }
    nonmutating set { fields[0].crowding = newValue }
  }

  /// How many chunks were looked at, to be summarised, since the aperture is crowded.
  var swept: Int {
    get { fields[0].swept }
    nonmutating set { fields[0].swept = newValue }
  }

  /// Puts a chunk that is on no free list on the one for a longest run of `pages`, 1…256.
  func addFree(_ chunk: Int, longestRun pages: Int) {
    free.setTime(UInt64(pages), of: chunk)
    free.append(chunk, to: pages - 1)
    fields[0].lengths.insert(pages - 1)
  }

  /// Takes a chunk off its free list, if it is on one.
  func removeFree(_ chunk: Int) {
    if !free.isLinked(chunk) { return }
    let list = Int(free.time(chunk)) - 1
    free.unlink(chunk)
    if free.isEmpty(list) { fields[0].lengths.remove(list) }
  }

  /// The first chunk on the list of the shortest runs of `pages` or more.
  ///
  /// Complexity: constant; a look at four words.
  func firstFree(atLeast pages: Int) -> Int? {
    let list = fields[0].lengths.firstPage(from: pages - 1)
    return list < PageBits.capacity ? free.first(list) : nil
  }

  /// The first chunk on the list of the longest runs.
  var firstLongestFree: Int? {
    let list = fields[0].lengths.lastPage
    return list < 0 ? nil : free.first(list)
  }

  /// The generation that a count for `list` has to carry.
  func generation(of list: Int) -> UInt32 {
    fields[0].generations[list]
  }

  /// Whether some finished chunk may sit in a list that is not finished.
  ///
  /// That takes more than four invalidations that began and of which none has ended.
  var isMixed: Bool {
    fields[0].mixed[0] || fields[0].mixed[1] || fields[0].mixed[2] || fields[0].mixed[3]
  }

  /// Whether any chunk waits for an invalidation.
  var hasStale: Bool {
    !(stale.isEmpty(0) && stale.isEmpty(1) && stale.isEmpty(2) && stale.isEmpty(3))
  }

  /// The stale list for chunks of `stamp`, which is not below any stamp it was called with before.
  func staleList(for stamp: UInt64) -> Int {
    let latest = fields[0].latest & 3
    if fields[0].stamps[latest] == stamp, !stale.isEmpty(latest) { return latest }
    fields[0].latest = otherStaleList(for: stamp)
    return fields[0].latest
  }

  private func otherStaleList(for stamp: UInt64) -> Int {
    var newest = 0
    var empty = -1
    for list in 0..<RolloverLists.staleListCount {
      if stale.isEmpty(list) {
        empty = list
        continue
      }
      if fields[0].stamps[list] == stamp { return list }
      if stale.isEmpty(newest) || fields[0].stamps[list] > fields[0].stamps[newest] {
        newest = list
      }
    }
    let list = empty >= 0 ? empty : newest
    fields[0].mixed[list] = empty < 0
    fields[0].stamps[list] = stamp
    return list
  }

  /// Links a chunk into stale list `list`, which stays in the order of time; returns the time kept.
  ///
  /// Complexity: 32 steps at most. Chunks come nearly in order: a new one belongs at the end, one
  /// that changes its stamp near the start. Where neither end has the place, the chunk goes to the
  /// start and takes that one's time: it then counts as older than it is, never as younger.
  func insert(_ chunk: Int, intoStale list: Int, time: UInt64) -> UInt64 {
    stale.setTime(time, of: chunk)
    guard var behind = stale.last(list), let head = stale.first(list) else {
      stale.append(chunk, to: list)
      return time
    }
    var steps = 0
    while stale.time(behind) > time, steps < RolloverLists.insertionStepsMax {
      guard let previous = stale.previous(behind) else {
        stale.prepend(chunk, to: list)
        return time
      }
      behind = previous
      steps += 1
    }
    if stale.time(behind) <= time {
      stale.insert(chunk, behind: behind)
      return time
    }
    return insertNearStart(chunk, list: list, head: head, time: time)
  }

  private func insertNearStart(_ chunk: Int, list: Int, head: Int, time: UInt64) -> UInt64 {
    if stale.time(head) >= time {
      stale.prepend(chunk, to: list)
      return time
    }
    var behind = head
    for _ in 0..<RolloverLists.insertionStepsMax {
      guard let next = stale.next(behind) else { break }
      if stale.time(next) > time {
        stale.insert(chunk, behind: behind)
        return time
      }
      behind = next
    }
    let earliest = stale.time(head)
    stale.setTime(earliest, of: chunk)
    stale.prepend(chunk, to: list)
    return earliest
  }

  /// Moves the stale lists whose invalidation has finished to the finished list; tells which.
  ///
  /// Complexity: constant: lists are moved whole.
  func finish(before finished: UInt64) -> [4 of Bool] {
    var moved: [4 of Bool] = [false, false, false, false]
    for list in 0..<RolloverLists.staleListCount where !stale.isEmpty(list) {
      if fields[0].stamps[list] >= finished { continue }
      stale.splice(list, to: RolloverLists.finished)
      fields[0].generations[list] &+= 1
      fields[0].mixed[list] = false
      moved[list] = true
    }
    return moved
  }
}
