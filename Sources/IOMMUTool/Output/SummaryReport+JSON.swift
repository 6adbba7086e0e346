import KernelTraces
import MachineModel

extension SummaryReport {
  /// The whole document, with a line end; the keys and their order are a promise.
  var json: String {
    JSONText.object([
      ("trace", .string(path)),
      ("source", .string(statistics.source.rawValue)),
      ("format", .string(formatName)),
      ("seconds", .decimal(Double(duration) / 1e9, decimals: 6)),
      ("lines", .integer(UInt64(statistics.lines))),
      ("events", .object(statistics.events.byName.map { ($0.name, .integer(UInt64($0.count))) })),
      ("lost", lost),
      ("malformed", .malformed(MalformedLines(statistics))),
      ("repaired", .object(repairs.map { ($0.key, .integer($0.count)) })),
      ("mappings", mappings),
      ("sizes", Self.distribution(summary.sizes, unit: "pages")),
      ("lifetimes", lifetimes),
      (
        "reuse",
        .object([
          ("device", Self.reuse(summary.deviceReuse)), ("memory", Self.reuse(summary.memoryReuse)),
        ])
      ),
      ("inFlight", inFlight),
      ("stalePages", hasInvalidations ? level(summary.stalePages) : .null),
      ("invalidations", invalidations),
    ]).text + "\n"
  }

  private var lost: JSONText {
    .object([
      ("events", .integer(statistics.lostEvents)),
      ("overwritten", .integer(statistics.overwrittenEvents)),
      ("uncounted", .integer(UInt64(statistics.uncountedLosses))),
    ])
  }

  private var mappings: JSONText {
    .object([
      ("maps", .integer(UInt64(reconciliation.maps))),
      ("lists", .integer(UInt64(reconciliation.scatterGatherMaps))),
      ("mappedPages", .integer(reconciliation.mappedPages)),
      ("unmaps", .integer(UInt64(reconciliation.unmaps))),
      ("unmappedPages", .integer(reconciliation.unmappedPages)),
      ("liveAtEnd", .integer(UInt64(reconciliation.liveMappings))),
      ("livePagesAtEnd", .integer(reconciliation.livePages)),
    ])
  }

  private var lifetimes: JSONText {
    var members = Self.percentiles(summary.lifetimes) { .decimal(Double($0) / 1e3, decimals: 3) }
    members.insert(("unit", .string("microseconds")), at: 0)
    members.append(("unknown", .integer(UInt64(summary.unknownLifetimes))))
    return .object(members)
  }

  private var inFlight: JSONText {
    .object([
      ("mappings", level(summary.mappingsInFlight)), ("pages", level(summary.pagesInFlight)),
      (
        "processors",
        .array(
          summary.processors.map {
            .object([
              ("cpu", .integer(UInt64(max(0, $0.cpu)))), ("mappings", level($0.mappings)),
              ("pages", level($0.pages)),
            ])
          })
      ),
    ])
  }

  private var invalidations: JSONText {
    let summary = reconciliation
    let other = summary.rangeInvalidations - summary.mapInvalidations - summary.unmapInvalidations
    return .object([
      ("range", .integer(UInt64(summary.rangeInvalidations))),
      ("afterMap", .integer(UInt64(summary.mapInvalidations))),
      ("afterUnmap", .integer(UInt64(summary.unmapInvalidations))),
      ("other", .integer(UInt64(max(0, other)))),
      ("global", .integer(UInt64(summary.globalInvalidations))),
      ("sizes", Self.distribution(self.summary.invalidatedPages, unit: "pages")),
    ])
  }

  private func level(_ level: Level) -> JSONText {
    .object([
      ("max", .integer(level.maximum)), ("mean", .decimal(level.mean(over: duration), decimals: 3)),
    ])
  }

  private static func reuse(_ reuse: PageReuse) -> JSONText {
    .object([
      ("firstUses", .integer(UInt64(reuse.firstUses))),
      ("pagesLeftOut", .integer(reuse.pagesLeftOut)),
      ("distance", distribution(reuse.pageDistances, unit: "distinct other pages")),
      ("mappingsBetween", distribution(reuse.mappingDistances, unit: "mappings")),
    ])
  }

  /// Percentiles, and bins by powers of two.
  private static func distribution(_ values: ExactDistribution, unit: String) -> JSONText {
    var members = percentiles(values) { .integer($0) }
    members.insert(("unit", .string(unit)), at: 0)
    let bins = values.powerOfTwoBins.map {
      JSONText.object([
        ("first", .integer($0.first)), ("last", .integer($0.last)), ("count", .integer($0.count)),
      ])
    }
    members.append(("histogram", .array(bins)))
    return .object(members)
  }

  private static func percentiles(
    _ values: ExactDistribution, _ value: (UInt64) -> JSONText
  ) -> [(key: String, value: JSONText)] {
    let percentiles = values.percentiles(perMilles).map(value)
    func percentile(_ index: Int) -> JSONText {
      percentiles.indices.contains(index) ? percentiles[index] : .null
    }
    return [
      ("count", .integer(values.count)),
      ("min", values.minimum.map(value) ?? .null),
      ("mean", values.mean.map { mean in scaled(mean, value) } ?? .null),
      ("p50", percentile(0)), ("p90", percentile(1)), ("p99", percentile(2)),
      ("p999", percentile(3)),
      ("max", values.count == 0 ? .null : value(values.maximum)),
    ]
  }

  /// A mean in the unit that `value` writes: whole values are written as they are.
  private static func scaled(_ mean: Double, _ value: (UInt64) -> JSONText) -> JSONText {
    if case .decimal = value(0) { return .decimal(mean / 1e3, decimals: 3) }
    return .decimal(mean, decimals: 3)
  }
}
