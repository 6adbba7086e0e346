/// 128 bits that stand for a step together with all that it depends on, or for a set of such steps.
///
/// Two interleavings that differ only in the order of steps without conflict, which is what is
/// called one Mazurkiewicz trace, consist of the same steps with the same dependences, and so have
/// the same sum. Different traces have the same sum with a probability of about 2 to the power -128
/// for each pair; the halves are mixed with different constants.
struct TraceHash: Equatable, BitwiseCopyable {
  var first: UInt64
  var second: UInt64

  static var zero: TraceHash { TraceHash(first: 0, second: 0) }

  /// The sum, in which order does not count.
  @inline(__always)
  static func &+ (left: TraceHash, right: TraceHash) -> TraceHash {
    TraceHash(first: left.first &+ right.first, second: left.second &+ right.second)
  }

  /// This and `word`, in this order.
  @inline(__always)
  func absorbing(_ word: UInt64) -> TraceHash {
    absorbing(TraceHash(first: word, second: word))
  }

  /// This and `other`, in this order.
  @inline(__always)
  func absorbing(_ other: TraceHash) -> TraceHash {
    let one = (first ^ other.first) &* 0xff51_afd7_ed55_8ccd
    let two = (second &+ other.second) &* 0x9e37_79b9_7f4a_7c15
    return TraceHash(first: one ^ one &>> 32, second: two ^ two &>> 29)
  }

  /// Mixed once more, so that sums of such hashes do not tell where they came from.
  @inline(__always)
  var finished: TraceHash {
    let one = first &* 0xc4ce_b9fe_1a85_ec53
    let two = second &* 0xbf58_476d_1ce4_e5b9
    return TraceHash(first: one ^ one &>> 31, second: two ^ two &>> 32)
  }
}
