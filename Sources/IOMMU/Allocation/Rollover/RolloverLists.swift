import Synchronization

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
  /// Taken about twice for 256 pages; inside a chunk's lock, and around one only where that is
  /// tried.
  let lock = SpinLock("rollover lists", lines: 3)
  let free: ChunkLists
  let stale: ChunkLists

  /// Where runs of free and stale pages may begin.
  let runs: RunTree

  /// Whether each chunk is some processor's current one, or about to be.
  let owned: FixedStorage<Bool>
  let fields: FixedCell<RolloverListFields>

  /// What was moved into or out of each stale list's count behind the processors' backs.
  let moved = FixedStorage<Atomic<Int>>(count: 4) { _ in Atomic(0) }

  /// The lists of chunks with free pages: one for each length of run.
  static var freeListCount: Int { PageBits.capacity }

  /// The lists of chunks whose stale pages no finished invalidation covers.
  static var staleListCount: Int { 4 }

  /// The list of chunks whose stale pages are free, but for being visited.
  static var finished: Int { 4 }

  init(chunkCount: Int) {
    free = ChunkLists(chunkCount: chunkCount, lists: RolloverLists.freeListCount)
    stale = ChunkLists(chunkCount: chunkCount, lists: RolloverLists.staleListCount + 1)
    runs = RunTree(chunkCount: chunkCount)
    owned = FixedStorage(count: chunkCount) { _ in false }
    fields = FixedCell(RolloverListFields())
  }

  /// The lowest chunk that was never taken from the untouched end of the aperture.
  var nextVirgin: Int {
    get { fields.value.nextVirgin }
    nonmutating set { fields.value.nextVirgin = newValue }
  }

  /// How often stale pages have become free, all at once as far as the lists can tell.
  var reclaims: UInt64 {
    get { fields.value.reclaims }
    nonmutating set { fields.value.reclaims = newValue }
  }

  /// The number of chunks that were taken and are not yet a processor's current one.
  var inTransit: Int {
    get { fields.value.inTransit }
    nonmutating set { fields.value.inTransit = newValue }
  }

  /// How much more often chunks without enough room were visited of late than chunks with it.
  var crowding: Int {
    get { fields.value.crowding }
    nonmutating set { fields.value.crowding = newValue }
  }

  /// How many chunks were looked at, to be summarised, since the aperture is crowded.
  var swept: Int {
    get { fields.value.swept }
    nonmutating set { fields.value.swept = newValue }
  }

  /// Puts a chunk that is on no free list on the one for a longest run of `pages`, 1…256.
  @inline(__always)
  func addFree(_ chunk: Int, longestRun pages: Int) {
    free.setTime(UInt64(pages), of: chunk)
    free.append(chunk, to: pages - 1)
    fields.value.lengths.insert(pages - 1)
  }

  /// Takes a chunk off its free list, if it is on one.
  func removeFree(_ chunk: Int) {
    if !free.isLinked(chunk) { return }
    let list = Int(free.time(chunk)) - 1
    free.unlink(chunk)
    if free.isEmpty(list) { fields.value.lengths.remove(list) }
  }

  /// The first chunk on the list of the shortest runs of `pages` or more.
  ///
  /// Complexity: constant; a look at four words.
  func firstFree(atLeast pages: Int) -> Int? {
    let list = fields.value.lengths.firstPage(from: pages - 1)
    return list < PageBits.capacity ? free.first(list) : nil
  }

  /// The first chunk on the list of the longest runs.
  var firstLongestFree: Int? {
    let list = fields.value.lengths.lastPage
    return list < 0 ? nil : free.first(list)
  }
}
