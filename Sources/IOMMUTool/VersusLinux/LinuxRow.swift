import Yams

/// What Linux needed in one mode for one workload: a line that `Platforms/s390x/Linux/run` prints.
struct LinuxRow: Decodable, Equatable, Sendable {
  /// Invalidations by what they were for.
  struct Counts: Decodable, Equatable, Sendable {
    var map: UInt64
    var unmap: UInt64
    var global: UInt64
  }

  /// The kernel's release, as it tells it.
  var kernel: String
  /// `deferred` or `strict`.
  var mode: String
  /// The same as `compare` spells it.
  var policy: String
  /// The workload's name in the plan.
  var workload: String
  /// The requests that were done.
  var ios: UInt64
  /// A second's, on the machine's clock.
  var iops: Double
  /// What they took.
  var invalidations: Counts

  /// The rows in what the script printed, a line each.
  ///
  /// Throws: `checkFailed` for a line that is no such row.
  static func rows(_ output: String) throws(ToolError) -> [LinuxRow] {
    var rows: [LinuxRow] = []
    for line in output.split(whereSeparator: \.isNewline) {
      do {
        // Each line is JSON, which YAML includes.
        rows.append(try YAMLDecoder().decode(LinuxRow.self, from: String(line)))
      } catch {
        throw .checkFailed("Platforms/s390x/Linux/run printed what is no row: \(line.prefix(80))")
      }
    }
    return rows
  }
}
