import IOMMU
import Testing

@testable import IOMMUTool
@testable import MachineModel

@Suite("iommu tune") struct TuneCommandTests {
  static let trace = ReplayCommandTests.fixtures + "small.ftrace"

  func request(_ policies: [PolicyChoice], width: Int = .max) throws -> SweepRequest {
    SweepRequest(
      experiment: ExperimentRequest(
        machine: try MachineCatalog.machine("zvm"), workload: .trace(path: Self.trace),
        policies: policies, seed: 1),
      isRefined: true, measure: .longest, atLeast: 0.95, width: width)
  }

  @Test("A sweep is the same byte for byte, however many runs go side by side")
  func repeatable() async throws {
    let policies = SweepGrid(parts: [.fixed, .queue, .rollover], isQuick: true).policies
    var texts: [[String]] = []
    for width in [1, 3] {
      let sweep = try await SweepRunner.run(try request(policies, width: width), .silent)
      texts.append([TuningTable.text(sweep), TuningJSON.text(sweep)])
    }
    #expect(texts[0] == texts[1])
    #expect(texts[0][0].contains("Front of rollover"))
  }

  @Test("Both fronts, the dominance and the recommendations are printed")
  func table() async {
    let outcome = await ToolRun.outcome(of: ["tune", Self.trace, "--quick"])
    #expect(outcome.exitCode == 0 && outcome.errors == "")
    for line in [
      "machine zvm, workload \(Self.trace)", "Front of rollover", "Front of the flush queues",
      "Front of all", "Dominance: for ", "Recommended: ", "With drivers as they are: ",
      "In Linux: ", "recorded: ",
    ] {
      #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix(line) }, "\(line)")
    }
  }

  @Test("Just the policies that are listed are tried, beside the reference")
  func listed() async {
    let list = ["strict", "rollover,age=1ms", "strict"]
    let outcome = await ToolRun.outcome(
      of: ["tune", Self.trace, "--format", "json", "--policy"] + list)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("\"runs\": 3,"))
    #expect(outcome.output.contains("\"policy\": \"rollover,age=1ms\""))
    #expect(!outcome.output.contains("\"policy\": \"legacy\""))
  }

  @Test(
    "A mistake on the command line exits 64 and says where it is",
    arguments: [
      (["--at-least", "1.5"], "--at-least '1.5': expected a fraction above 0 and at most 1"),
      (["--at-least", "0"], "--at-least '0': expected a fraction above 0 and at most 1"),
      (["--at-least", "x"], "--at-least 'x', column 1: "),
      (["--policy", "identity"], "policy 'identity': identity protects nothing"),
      (["--policy", "stirct"], "policy 'stirct', column 1: "),
      (["--policy", "strict", "--quick"], "--policy names the settings itself"),
      (["--grid", "queue", "--policy", "strict"], "--policy names the settings itself"),
      (["--grid", "ring"], "The value 'ring' is invalid for '--grid <part>'"),
      (["--window", "median"], "The value 'median' is invalid for '--window <measure>'"),
    ])
  func usage(options: [String], message: String) async {
    let outcome = await ToolRun.outcome(of: ["tune", Self.trace] + options)
    #expect(outcome.exitCode == 64 && outcome.output == "")
    #expect(outcome.errors.hasPrefix("iommu: error: " + message), "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("(see 'iommu tune --help')\n"))
  }

  /// Work whose every run gives the same, or fails as it is told.
  func work(_ error: @escaping @Sendable (PolicyChoice) -> (any Error)?) -> PreparedExperiment {
    PreparedExperiment(run: { policy in
      if let error = error(policy) { throw error }
      var window = StaleWindowSum()
      window.add(from: 0, to: 1_000_000)
      return ExperimentResult(
        policy: policy, resolution: PolicyResolution(unrestricted: policy.policy),
        rate: 10, requests: 1, invalidations: .none, window: window,
        latency: ComparisonRow.Latency(p50: 1, p99: 1, p999: 1), violations: [], badRequests: 0,
        audit: RefreshAudit(domain: 0, driver: 0, machine: 0))
    })
  }

  let queue = PolicyChoice(.queue(entries: 256, timeout: .milliseconds(10)))

  @Test("A setting that runs out of addresses is told, and the others are weighed")
  func refused() async throws {
    let error = ReplayError.refused(
      operation: 7, .noAddress(.exhausted(pages: PageCount(1), limit: IOVA(0))))
    let sweep = try await SweepRunner.run(
      try request([queue, PolicyChoice(.strict)]), work { $0 == queue ? error : nil }, .silent)
    #expect(sweep.refused.map(\.policy) == [queue])
    #expect(sweep.report.settings.map(\.policy) == [PolicyChoice(.strict)])
    #expect(TuningTable.text(sweep).contains("queue:256,10ms cannot do this work: no address"))
    await #expect(throws: ToolError.self) {
      _ = try await SweepRunner.run(try request([queue]), work { _ in error }, .silent)
    }
  }

  @Test("Of several failures the first setting's is told, whoever failed first")
  func failure() async throws {
    let policies = SweepGrid(isQuick: true).policies
    let failing = work { $0.isQueue ? ExperimentError.driver("\($0.mapSide.rawValue)") : nil }
    let request = try request(policies)
    do throws(ToolError) {
      _ = try await SweepRunner.run(request, failing, .silent)
      Issue.record("the sweep went on")
    } catch {
      #expect(error.exitCode == 1)
      #expect(error.message == "queue:256,10ms: driver(\"0\")")
    }
  }

  @Test("A page that is stale for longer than the policy promises is told")
  func overstayed() async throws {
    let age = PolicyChoice(.rollover(age: .microseconds(100), stale: nil))
    let sweep = try await SweepRunner.run(try request([age]), work { _ in nil }, .silent)
    #expect(
      sweep.notes == [
        "rollover,age=100us: a page was stale for 1.000 ms; "
          + "the policy is to end that after 0.220 ms"
      ])
  }
}
