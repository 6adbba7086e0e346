/// A way in which ranges come and go.
struct Pattern: Sendable {
  /// Which of those that are out is given back next.
  enum Order: Sendable {
    /// The one just taken.
    case last
    /// The oldest.
    case first
    /// Any.
    case random
  }

  /// What it is called, here and in `linux.tsv`.
  let name: String
  /// How many ranges are out at a time.
  let outstanding: Int
  /// In which order they are given back.
  let order: Order
  /// How long they are.
  let sizes: Sizes
  /// The addresses that there are, in GiB.
  let apertureGiB: UInt64
  /// The share of the addresses that is filled first; `nil` for as many ranges as `outstanding`.
  var fill: Double?

  /// All of them, in the order of the table.
  static let all: [Pattern] = [
    Pattern(
      name: "depth-1", outstanding: 1, order: .last, sizes: .fixed(1), apertureGiB: 4),
    Pattern(
      name: "fifo-128", outstanding: 128, order: .first, sizes: .fixed(1), apertureGiB: 4),
    Pattern(
      name: "random-128", outstanding: 128, order: .random, sizes: .fixed(1), apertureGiB: 4),
    Pattern(
      name: "random-128-64GiB", outstanding: 128, order: .random, sizes: .fixed(1),
      apertureGiB: 64),
    Pattern(
      name: "live-1M", outstanding: 1_000_000, order: .random, sizes: .fixed(1),
      apertureGiB: 64),
    Pattern(
      name: "live-10M", outstanding: 10_000_000, order: .random, sizes: .fixed(1),
      apertureGiB: 64),
    Pattern(
      name: "powers", outstanding: 128, order: .random, sizes: .powers(upTo: 256),
      apertureGiB: 4),
    Pattern(
      name: "any-size", outstanding: 128, order: .random, sizes: .any(upTo: 256),
      apertureGiB: 4),
    Pattern(
      name: "pages-16", outstanding: 128, order: .random, sizes: .fixed(16), apertureGiB: 4),
    Pattern(
      name: "pages-64", outstanding: 128, order: .random, sizes: .fixed(64), apertureGiB: 4),
    Pattern(
      name: "pages-256", outstanding: 128, order: .random, sizes: .fixed(256), apertureGiB: 4),
    Pattern(
      name: "full-95", outstanding: 130_000, order: .random, sizes: .any(upTo: 16),
      apertureGiB: 4, fill: 0.95),
  ]
}
