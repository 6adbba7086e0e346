extension Pattern {
  /// All of them, in the order of the table.
  package static let all: [Pattern] = steady + ranges + crowded

  /// Single pages.
  private static let steady: [Pattern] = [
    Pattern(
      name: "depth-1", outstanding: 1, order: .last, sizes: .fixed(1), apertureMiB: 4_096,
      isForModifiers: true),
    Pattern(
      name: "depth-1-64GiB", outstanding: 1, order: .last, sizes: .fixed(1),
      apertureMiB: 65_536),
    Pattern(
      name: "fifo-128", outstanding: 128, order: .first, sizes: .fixed(1), apertureMiB: 4_096,
      isForModifiers: true),
    Pattern(
      name: "random-128", outstanding: 128, order: .random, sizes: .fixed(1),
      apertureMiB: 4_096, isForModifiers: true),
    Pattern(
      name: "random-128-64GiB", outstanding: 128, order: .random, sizes: .fixed(1),
      apertureMiB: 65_536),
    Pattern(
      name: "own-buffers", outstanding: 128, order: .random, sizes: .fixed(1),
      apertureMiB: 4_096, memory: .own, isForModifiers: true),
    Pattern(
      name: "live-1M", outstanding: 1_000_000, order: .random, sizes: .fixed(1),
      apertureMiB: 65_536, isForModifiers: true),
    Pattern(
      name: "live-1M-4GiB", outstanding: 1_000_000, order: .random, sizes: .fixed(1),
      apertureMiB: 4_096),
    Pattern(
      name: "live-10M", outstanding: 10_000_000, order: .random, sizes: .fixed(1),
      apertureMiB: 65_536),
    // More pairs than there are pages: the addresses go round.
    Pattern(
      name: "wrap-4GiB", outstanding: 128, order: .random, sizes: .fixed(1),
      apertureMiB: 4_096, pairsMin: 1_100_000),
  ]

  /// Ranges, with room to spare.
  private static let ranges: [Pattern] = [
    Pattern(
      name: "powers", outstanding: 128, order: .random, sizes: .powers(upTo: 256),
      apertureMiB: 4_096),
    Pattern(
      name: "any-size", outstanding: 128, order: .random, sizes: .any(upTo: 256),
      apertureMiB: 4_096, isForModifiers: true),
    Pattern(
      name: "any-size-64GiB", outstanding: 128, order: .random, sizes: .any(upTo: 256),
      apertureMiB: 65_536, worstPairsMin: 150_000),
    Pattern(
      name: "any-64", outstanding: 128, order: .random, sizes: .any(upTo: 64),
      apertureMiB: 4_096, worstPairsMin: 100_000),
    Pattern(
      name: "pages-16", outstanding: 128, order: .random, sizes: .fixed(16),
      apertureMiB: 4_096),
    Pattern(
      name: "pages-64", outstanding: 128, order: .random, sizes: .fixed(64),
      apertureMiB: 4_096),
    Pattern(
      name: "pages-256", outstanding: 128, order: .random, sizes: .fixed(256),
      apertureMiB: 4_096),
    Pattern(
      name: "pages-1024", outstanding: 128, order: .random, sizes: .fixed(1_024),
      apertureMiB: 4_096),
    Pattern(
      name: "scatter-32", outstanding: 128, order: .random, sizes: .fixed(32),
      apertureMiB: 4_096, isList: true, isForModifiers: true),
    Pattern(
      name: "wrap-64GiB", outstanding: 128, order: .random, sizes: .any(upTo: 64),
      apertureMiB: 65_536, worstPairsMin: 600_000),
  ]

  /// Little room, or none.
  private static let crowded: [Pattern] = [
    Pattern(
      name: "full-95", outstanding: 130_000, order: .random, sizes: .any(upTo: 16),
      apertureMiB: 4_096, fill: .share(0.95), treePairsMax: 20_000),
    Pattern(
      name: "full-95-any-64", outstanding: 36_000, order: .random, sizes: .any(upTo: 64),
      apertureMiB: 4_096, fill: .share(0.95), treePairsMax: 2_000),
    Pattern(
      name: "turn-full-95", outstanding: 36_000, order: .random, sizes: .any(upTo: 64),
      apertureMiB: 4_096, fill: .turn(0.95), treePairsMax: 2_000),
    Pattern(
      name: "exhaust-pages", outstanding: 70_000, order: .random, sizes: .fixed(1),
      apertureMiB: 256, fill: .everything, treePairsMax: 2_000),
    Pattern(
      name: "exhaust-any-64", outstanding: 3_000, order: .random, sizes: .any(upTo: 64),
      apertureMiB: 256, fill: .everything, treePairsMax: 2_000),
  ]
}
