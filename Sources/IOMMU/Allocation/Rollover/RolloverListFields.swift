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
