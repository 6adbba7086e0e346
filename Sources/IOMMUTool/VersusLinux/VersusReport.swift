import MachineModel

/// Linux and this stack on the same machine and disk, doing the same work.
struct VersusReport: Equatable, Sendable {
  /// One of them, under one policy.
  struct Row: Equatable, Sendable {
    /// Whose driver and DMA code ran.
    enum Stack: Equatable, Sendable {
      case linux(release: String, mode: String)
      case ours
    }

    /// Whose code ran.
    var stack: Stack
    /// The policy as `compare` spells it.
    var policy: String
    /// The requests that were measured.
    var requests: UInt64
    /// The RPCITs that they took.
    var invalidations: ComparisonRow.Invalidations
    /// Requests a second of the machine's clock.
    ///
    /// Information only: the machine is emulated.
    var iops: Double?

    /// `count` for each request.
    func perRequest(_ count: UInt64) -> Double? {
      requests == 0 ? nil : Double(count) / Double(requests)
    }

    /// All kinds together, for each request.
    var invalidationsPerIO: Double? {
      perRequest(invalidations.map + invalidations.unmap + invalidations.global)
    }
  }

  /// All that did one workload.
  struct Part: Equatable, Sendable {
    var workload: PlannedWorkload
    var rows: [Row]
  }

  /// The workloads in the plan's order, Linux's rows first.
  var parts: [Part]

  /// What has to be known to read the rows.
  static let notes = [
    "RPCITs per I/O: of Linux the kernel's or the machine's count, of ours the machine's; every",
    "block that was read is checked. Linux maps requests one by one as they are sent; ours go in",
    "rounds, one doorbell for all in flight. From 6.12 on, Linux sends a request of more than 128",
    "KiB as two. IOPS are those of an emulator: they rank nothing.",
  ]
}

extension VersusReport.Row {
  /// A row of Linux.
  init(_ row: LinuxRow) {
    self.init(
      stack: .linux(release: row.kernel, mode: row.mode), policy: row.policy, requests: row.ios,
      invalidations: ComparisonRow.Invalidations(
        map: row.invalidations.map, unmap: row.invalidations.unmap,
        global: row.invalidations.global),
      iops: row.iops)
  }

  /// A row of ours, as `boot` measured it with `requests` requests.
  init(_ row: ComparisonRow, requests: UInt64) {
    self.init(
      stack: .ours, policy: row.policy, requests: requests, invalidations: row.invalidations,
      iops: row.iops)
  }
}
