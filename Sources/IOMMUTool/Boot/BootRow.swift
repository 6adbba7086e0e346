import MachineModel

/// What the image says of one run: the line that begins with `row`, numbers by name.
struct BootRow: Equatable, Sendable {
  var requests: UInt64
  var nanoseconds: UInt64
  var map: UInt64
  var unmap: UInt64
  var global: UInt64
  /// Requests that failed.
  var failures: UInt64
  /// Blocks with wrong data.
  var wrong: UInt64
  /// RPCITs of the whole run, as the driver counted them.
  var driver: UInt64
  /// The same as the machine counted them, in the function measurement block.
  var machine: UInt64
  /// What each processor did.
  var processors: [BootProcessor]
  /// What the driver's calls took, where that is told.
  var spent: BootSpending?

  /// The row in what a machine printed; `nil` where there is none, or a number is missing.
  init?(lines: [String]) {
    guard let line = lines.first(where: { $0.hasPrefix("row ") }) else { return nil }
    let numbers = BootLine.numbers(line)
    guard let requests = numbers["requests"], let nanoseconds = numbers["nanoseconds"],
      let map = numbers["map"], let unmap = numbers["unmap"], let global = numbers["global"],
      let failures = numbers["failures"], let wrong = numbers["wrong"],
      let driver = numbers["driver"], let machine = numbers["machine"]
    else { return nil }
    self.requests = requests
    self.nanoseconds = nanoseconds
    self.map = map
    self.unmap = unmap
    self.global = global
    self.failures = failures
    self.wrong = wrong
    self.driver = driver
    self.machine = machine
    processors = BootProcessor.all(in: lines)
    spent = BootSpending(numbers)
  }

  /// What does not hold; `nil` where all is well.
  var complaint: String? {
    if failures > 0 { return "\(failures) requests failed" }
    if wrong > 0 { return "\(wrong) blocks had wrong data" }
    if driver != machine {
      return "the driver counted \(driver) RPCITs, the machine \(machine)"
    }
    return nil
  }

  /// The rate in requests a second of the machine's clock.
  var rate: Double? {
    nanoseconds > 0 ? Double(requests) * 1e9 / Double(nanoseconds) : nil
  }

  /// Instructions of the stack for each request, where the image tells and QEMU counts them.
  var instructionsPerIO: Double? {
    requests > 0 ? spent.map { $0.instructions / Double(requests) } : nil
  }

  /// The row as `compare` has it; what the machine does not tell is left out.
  func comparisonRow(named name: String, relativeTo base: Double?) -> ComparisonRow {
    let sum = map + unmap + global
    return ComparisonRow(
      policy: name, iops: rate,
      relative: base.flatMap { base in rate.map { $0 / base } }, published: nil,
      invalidations: ComparisonRow.Invalidations(map: map, unmap: unmap, global: global),
      invalidationsPerIO: requests == 0 ? nil : Double(sum) / Double(requests),
      staleWindow: ComparisonRow.StaleWindow(
        maxMilliseconds: nil, meanMilliseconds: nil, pageSeconds: nil),
      latencyMicroseconds: ComparisonRow.Latency(p50: nil, p99: nil, p999: nil))
  }
}
