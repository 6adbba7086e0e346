import Testing

@testable import IOMMUTool

@Suite("iommu replay --verify") struct VerifyCommandTests {
  static let mixed = ReplayCommandTests.root + "/Traces/s390x/linux-6.1-lazy-mixed.ftrace.xz"

  private static func verify(_ trace: String, _ options: String...) async -> ToolOutcome {
    await ToolRun.outcome(of: ["replay", trace, "--verify"] + options)
  }

  @Test("What was recorded stands beside what the model did, and the counters are reconciled")
  func holds() async {
    let outcome = await Self.verify(
      Self.mixed, "--counters", "mapped=81031,unmapped=81005,global=0,map=4020,unmap=0")
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines[0]
        == "\(Self.mixed): linux-6.1-s390, legacy, 1 processor, 317MiB from 0x100000000 (inferred)")
    #expect(lines[2] == "addresses handed out        4020      4020      4020")
    #expect(lines[3] == "range refreshes             4020      4020      4020")
    #expect(lines[4] == "global refreshes               0         0         0")
    #expect(lines[5] == "2907 maps and 4012 unmaps in the trace, no event lost")
    #expect(lines.count { $0.hasSuffix(": as the kernel counted") } == 5)
  }

  @Test(
    "Another kernel, policy, aperture or counter than the recorded one exits 1 after the report",
    arguments: [
      ["--counters", "mapped=81030"], ["--policy", "legacy-strict"],
      ["--kernel", "linux-6.12-s390"],
      ["--aperture", "4GiB,1MiB"], ["--policy", "queue:2,1ms"],
    ])
  func differs(options: [String]) async {
    let outcome = await ToolRun.outcome(of: ["replay", Self.mixed, "--verify"] + options)
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("iommu: error: \(Self.mixed): the kernel "))
    #expect(outcome.errors.count { $0 == "\n" } == 1)
    #expect(outcome.output.contains("\naddresses handed out "))
  }

  @Test("The counter that differs is named with both numbers")
  func counter() async {
    let outcome = await Self.verify(Self.mixed, "--counters", "unmapped=81005,mapped=1")
    #expect(
      outcome.errors
        == "iommu: error: \(Self.mixed): the kernel counted mapped 1, the trace comes to 81031\n")
    #expect(outcome.output.contains("\n  mapped: kernel 1, trace 81031: differs\n"))
    #expect(
      outcome.output.contains("\n  unmapped: kernel 81005, trace 81005: as the kernel counted\n"))
  }

  @Test(
    "A mistake in an option is one line that says where, and exits 64",
    arguments: [
      (["--kernel", "linux-6.1-s39"], "did you mean 'linux-6.1-s390'?"),
      (["--policy", "rollover"], "no Linux kernel's is 'rollover'"),
      (["--policy", "identity"], "no Linux kernel's is 'identity'"),
      (["--policy", "strict+batch"], "no Linux kernel has the modifiers of 'strict+batch'"),
      (["--policy", "strict", "legacy"], "--verify takes one policy"),
      (["--aperture", "4GiB"], "aperture '4GiB', column 1: expected a start and a size"),
      (["--aperture", "4GiB,x"], "aperture '4GiB,x', column 6: "),
      (["--aperture", "1B,4KiB"], "column 1: expected whole pages of 4 KiB"),
      (["--aperture", "0B,4KiB"], "column 1: expected more than the page of address zero"),
      (["--aperture", "0B,32TiB"], "column 4: expected at most 16TiB"),
      (["--hertz", "0"], "--hertz 0: expected 1 to 100000"),
      (["--counters", "mapped"], "column 1: expected a name, '=' and a number"),
      (["--counters", "mapped=1,mappd=2"], "column 10: did you mean 'mapped'?"),
      (["--counters", "map=1,unmap=x"], "column 7: 'x' is no whole number"),
      (["--counters", "map=1,map=1"], "column 7: map is told twice"),
    ])
  func usage(options: [String], message: String) async {
    let outcome = await ToolRun.outcome(of: ["replay", Self.mixed, "--verify"] + options)
    #expect(outcome.exitCode == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message))
    #expect(outcome.errors.hasSuffix("(see 'iommu replay --help')\n"))
  }

  @Test("What says something of a recorded kernel needs --verify")
  func unused() async {
    let outcome = await ToolRun.outcome(of: ["replay", Self.mixed, "--counters", "map=1"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.contains("--counters says something of a recorded kernel"))
  }

  @Test(
    "What is no whole trace exits 65 with its place",
    arguments: ["cut.ftrace", "cut.ftrace.xz", "empty.ftrace", "binary.ftrace", "README.md"])
  func bad(name: String) async {
    let outcome = await Self.verify(ReplayCommandTests.fixtures + name)
    #expect(outcome.exitCode == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("iommu: error: \(ReplayCommandTests.fixtures)\(name):"))
  }

  @Test("JSON has the promised keys in their order")
  func json() async {
    let outcome = await Self.verify(
      Self.mixed, "--format", "json", "--counters", "mapped=81031,global=0")
    #expect(outcome.exitCode == 0)
    let keys = outcome.output.split(separator: "\n").compactMap { line -> Substring? in
      guard let end = line.firstRange(of: "\": ") else { return nil }
      return line[..<end.lowerBound].drop { $0 == " " }.dropFirst()
    }
    #expect(
      keys == [
        "kernel", "policy", "holds", "maps", "unmaps", "aperture", "first", "bytes", "inferred",
        "iova", "compared", "divergences", "reclaim", "reordered", "unpredictable",
        "invalidations", "range", "recorded", "modelled", "equal", "global", "recorded",
        "modelled", "worstOffsetMilliseconds", "exhaustion", "queueFull", "timer", "hertz",
        "lost", "total", "unmapsByAddress", "unmapsByBuffer", "maps", "calls", "returns",
        "refreshes", "globalRefreshes", "unexplainedRefreshes", "malformed", "lines", "first",
        "counters", "mapped", "unmapped", "global", "map", "unmap", "kernel", "mapped", "global",
        "differences",
      ])
  }
}
