import KernelTraces

extension SummaryReport {
  /// The summary for people: what was recorded, then a block for each question, with line ends.
  var table: String {
    let blocks = [
      recorded, distributions, histogram, flight, invalidated,
    ].filter { !$0.isEmpty }
    return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private var recorded: [String] {
    let seconds = FixedDecimal.text(Double(duration) / 1e9, decimals: 3) ?? "?"
    let events = statistics.events
    let counts = events.byName.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    var lines = [
      "trace \(path): \(formatName), \(statistics.source.rawValue), \(seconds) s",
      "events: \(events.total) in \(statistics.lines) lines: \(counts)",
      "mappings: \(reconciliation.maps) made, \(reconciliation.scatterGatherMaps) of them lists, "
        + "\(reconciliation.mappedPages) pages; \(reconciliation.unmaps) ended, "
        + "\(reconciliation.unmappedPages) pages; \(reconciliation.liveMappings) live at the end",
    ]
    if statistics.foreignLines > 0 {
      lines.append("other lines, such as call chains: \(statistics.foreignLines)")
    }
    if let lost = TraceNotes.lost(statistics) { lines.append("lost: \(lost)") }
    let repaired = repairs.filter { $0.count > 0 }.map { "\($0.count) \($0.words)" }
    if !repaired.isEmpty { lines.append("repaired: " + repaired.joined(separator: ", ")) }
    if let malformed = TraceNotes.malformed(statistics) { lines.append(malformed) }
    return lines
  }

  private var distributions: [String] {
    var rows = [["", "number", "mean", "p50", "p90", "p99", "p99.9", "max"]]
    rows.append(row("pages of a mapping", summary.sizes))
    rows.append(row("lifetime, us", summary.lifetimes, scale: 1_000, decimals: 1))
    for (name, reuse) in [("device", summary.deviceReuse), ("memory", summary.memoryReuse)] {
      rows.append(row("reuse of \(name) pages, distinct pages", reuse.pageDistances))
      rows.append(row("  mappings between", reuse.mappingDistances))
    }
    rows.append(row("pages of a range invalidation", summary.invalidatedPages))
    var lines = TextColumns.lines(rows)
    if summary.unknownLifetimes > 0 {
      lines.append("lifetimes unknown, their unmap was lost: \(summary.unknownLifetimes)")
    }
    let device = summary.deviceReuse
    let memory = summary.memoryReuse
    lines.append(
      "pages used for the first time: \(device.firstUses) device, \(memory.firstUses) memory")
    if memory.pagesLeftOut > 0 {
      lines.append("pages whose place in memory the trace does not tell: \(memory.pagesLeftOut)")
    }
    if device.pagesLeftOut > 0 {
      lines.append("device pages of mappings too large to follow: \(device.pagesLeftOut)")
    }
    return lines
  }

  private var histogram: [String] {
    let bins = summary.sizes.powerOfTwoBins
    if bins.isEmpty { return [] }
    let total = Double(max(1, summary.sizes.count))
    var rows = [["pages of a mapping", "mappings", "share"]]
    for bin in bins {
      let range = bin.first == bin.last ? "\(bin.first)" : "\(bin.first) to \(bin.last)"
      let share = FixedDecimal.text(Double(bin.count) * 100 / total, decimals: 1) ?? "-"
      rows.append([range, "\(bin.count)", share + " %"])
    }
    return TextColumns.lines(rows)
  }

  private var flight: [String] {
    var rows = [["in flight", "mappings max", "mean", "pages max", "mean"]]
    rows.append(["all"] + cells(summary.mappingsInFlight) + cells(summary.pagesInFlight))
    for processor in summary.processors {
      rows.append(
        ["mapped by processor \(processor.cpu)"] + cells(processor.mappings)
          + cells(processor.pages))
    }
    if hasInvalidations {
      rows.append(["stale, not invalidated yet", "", ""] + cells(summary.stalePages))
    }
    return TextColumns.lines(rows)
  }

  private var invalidated: [String] {
    if !hasInvalidations { return ["invalidations: none recorded"] }
    return [
      "invalidations: \(reconciliation.rangeInvalidations) of ranges, "
        + "\(reconciliation.mapInvalidations) of them after a map and "
        + "\(reconciliation.unmapInvalidations) after an unmap; "
        + "\(reconciliation.globalInvalidations) global"
    ]
  }

  private func cells(_ level: Level) -> [String] {
    let mean = level.mean(over: duration).flatMap { FixedDecimal.text($0, decimals: 2) }
    return ["\(level.maximum)", mean ?? "-"]
  }

  private func row(
    _ name: String, _ values: ExactDistribution, scale: Double = 1, decimals: Int = 0
  ) -> [String] {
    func text(_ value: Double, _ decimals: Int) -> String {
      FixedDecimal.text(value / scale, decimals: decimals) ?? "-"
    }
    let percentiles = values.percentiles(Self.perMilles)
    if percentiles.isEmpty { return [name, "0", "-", "-", "-", "-", "-", "-"] }
    return [name, "\(values.count)", values.mean.map { text($0, max(1, decimals)) } ?? "-"]
      + percentiles.map { text(Double($0), decimals) } + [text(Double(values.maximum), decimals)]
  }
}
