import MachineModel

/// Linux and this stack side by side, as JSON: keys and their order are a promise.
enum VersusJSON {
  /// The whole document, with a line end.
  static func text(_ report: VersusReport) -> String {
    JSONText.object([
      ("machine", .string("qemu, booted")),
      ("workloads", .array(report.parts.map(part))),
      ("notes", .array(VersusReport.notes.map { .string($0) })),
    ]).text + "\n"
  }

  private static func part(_ part: VersusReport.Part) -> JSONText {
    .object([
      ("workload", .string(part.workload.name)),
      ("buffers", .string(part.workload.isFresh ? "fresh" : "comingBack")),
      ("depth", .integer(UInt64(part.workload.depth))),
      ("rows", .array(part.rows.map(row))),
    ])
  }

  private static func row(_ row: VersusReport.Row) -> JSONText {
    var release = JSONText.null
    var mode = JSONText.null
    if case .linux(let kernel, let inForce) = row.stack {
      release = .string(kernel)
      mode = .string(inForce)
    }
    let counts = row.invalidations
    return .object([
      ("linux", release), ("mode", mode), ("policy", .string(row.policy)),
      ("ios", .integer(row.requests)),
      (
        "invalidations",
        .object([
          ("map", .integer(counts.map)), ("unmap", .integer(counts.unmap)),
          ("global", .integer(counts.global)),
        ])
      ),
      ("invalidationsPerIO", .decimal(row.invalidationsPerIO, decimals: 4)),
      ("iops", .decimal(row.iops, decimals: 0)),
    ])
  }
}
