import SystemPackage

/// Boots a machine for each check, some side by side.
struct BootCheckRunner {
  let emulator: Emulator
  /// Every refresh of a number that this divides is left out, of those that a check is about; it
  /// has to find that out.
  let omitted: UInt64?

  /// The longest that a machine may take.
  private static let limit = Duration.seconds(180)

  /// The outcomes, in the order of the checks.
  ///
  /// Throws: where a machine cannot be started.
  func run(
    _ checks: [BootCheck], _ progress: Progress
  ) async throws(ToolError) -> [BootCheckOutcome] {
    var outcomes = [Result<BootCheckOutcome, ToolError>?](repeating: nil, count: checks.count)
    await withTaskGroup(of: (Int, Result<BootCheckOutcome, ToolError>).self) { tasks in
      var next = 0
      var done = 0
      func begin() {
        if next == checks.count { return }
        let number = next
        next += 1
        tasks.addTask { (number, await outcome(of: checks[number])) }
      }
      for _ in 0..<processors { begin() }
      for await (number, outcome) in tasks {
        outcomes[number] = outcome
        done += 1
        progress.show("\(done) of \(checks.count) checks")
        begin()
      }
    }
    var result: [BootCheckOutcome] = []
    for outcome in outcomes {
      if let outcome { result.append(try outcome.get()) }
    }
    return result
  }

  private func outcome(of check: BootCheck) async -> Result<BootCheckOutcome, ToolError> {
    do throws(ToolError) {
      return .success(try await run(check))
    } catch {
      return .failure(error)
    }
  }

  /// One machine, with disks of its own.
  ///
  /// The second disk's blocks are those behind block 2 to the power 32 of the first's patterns.
  private func run(_ check: BootCheck) async throws(ToolError) -> BootCheckOutcome {
    var disks: [BootDisk] = []
    defer { for disk in disks { disk.close() } }
    for disk in 0..<check.disks {
      disks.append(
        try BootDisk(
          beside: emulator.image, first: UInt64(disk) << 32, blocks: Self.diskBlocks))
    }
    var words = "check=\(check.number)"
    if let omitted { words += " omit=\(omitted)" }
    let (code, lines) =
      check.isOperated
      ? try await emulator.bootOperated(words, disk: disks[0].path, limit: Self.limit)
      : try await emulator.boot(words, disks: disks.map(\.path), limit: Self.limit)
    return BootCheckOutcome(check: check, code: code, lines: lines, image: emulator.image)
  }

  /// The blocks of a disk: 16 MiB.
  private static let diskBlocks: UInt64 = 32_768
}

/// What came of one check.
struct BootCheckOutcome: Sendable {
  /// The check's name.
  let name: String
  /// What the image saw.
  let cases: [BootCase]
  /// Why the check does not hold; `nil` where it does.
  let complaint: String?
  /// All that the image said, with names of the addresses in it.
  let output: String

  /// What a machine that ended with `code` said.
  init(check: BootCheck, code: Int32, lines: [String], image: FilePath) {
    name = check.name
    cases = lines.compactMap { BootCase(line: $0) }
    output = TrapNames.told(lines, image: image)
    if let wrong = cases.first(where: { !$0.holds }) {
      let figures = wrong.figures.compactMap { figure in
        figure.expected.map { "\(figure.name) is \(figure.number), expected \($0)" }
      }
      complaint = "\(wrong.name): \(figures.joined(separator: "; "))"
    } else if let failure = lines.first(where: { $0.hasPrefix("FAILED: ") }) {
      complaint = String(failure.dropFirst(8))
    } else if code != 0 {
      complaint = code >= 128 ? "the machine did not end" : "the machine ended with code \(code)"
    } else {
      complaint = cases.isEmpty ? "the machine saw nothing" : nil
    }
  }
}
