/// A way in which ranges come and go.
package struct Pattern: Sendable {
  /// Which of those that are out is given back next.
  enum Order: Sendable {
    /// The one just taken.
    case last
    /// The oldest.
    case first
    /// Any.
    case random
  }

  /// What happens before the pairs.
  enum Fill: Equatable, Sendable {
    /// As many ranges are taken as are to be out.
    case ranges
    /// This share of the addresses is taken.
    case share(Double)
    /// The same, while every second range is given back; belongs to what is looked at for the
    /// worst operation.
    case turn(Double)
    /// Ranges are taken until there is nothing more; belongs to it as well.
    case everything
  }

  /// Which memory is mapped.
  enum Memory: Sendable {
    /// Another page each time.
    case fresh
    /// Each place in the order has its own, again and again.
    case own
  }

  /// What it is called, here and in `linux.tsv`.
  package let name: String
  /// How many ranges are out at a time, or at most.
  let outstanding: Int
  /// In which order they are given back.
  let order: Order
  /// How long they are.
  let sizes: Sizes
  /// The addresses that there are, in MiB.
  let apertureMiB: UInt64
  /// What happens first.
  var fill = Fill.ranges
  /// Which memory is mapped.
  var memory = Memory.fresh
  /// Whether the pages of a range are as many buffers, mapped as one list.
  var isList = false
  /// The pairs that it takes, at the least, for what it is about to happen.
  var pairsMin = 0
  /// The same, where only the worst operation is looked for.
  var worstPairsMin = 0
  /// The most pairs for policies with a tree, which takes hundreds of thousands of instructions.
  var treePairsMax = Int.max
  /// Whether it is run under the policies with modifiers unless told otherwise.
  package var isForModifiers = false

  /// The pages that there are.
  var pages: UInt64 { apertureMiB << 8 }

  /// The pairs to count, where `asked` were asked for.
  func pairs(_ asked: Int, _ policy: BenchPolicy) -> Int {
    limited(max(asked, pairsMin), policy)
  }

  /// The pairs among which the worst operation is looked for.
  func worstPairs(_ asked: Int, _ policy: BenchPolicy) -> Int {
    limited(max(asked, pairsMin, worstPairsMin), policy)
  }

  private func limited(_ pairs: Int, _ policy: BenchPolicy) -> Int {
    policy.hasTree ? min(pairs, treePairsMax) : pairs
  }
}
