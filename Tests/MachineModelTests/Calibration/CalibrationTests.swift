import IOMMU
import Synchronization
import Testing

@testable import MachineModel

@Suite struct CalibrationTests {
  /// A machine whose aperture is turned over in 256 requests.
  static var machine: MachineDescription {
    var machine = MachineDescription(name: "small")
    machine.memoryBytes = 64 << 20
    machine.tableMemoryBytes = 8 << 20
    machine.apertureBytes = 1 << 20
    return machine
  }

  static let policies = [
    PolicyChoice(.strict), PolicyChoice(.legacy),
    PolicyChoice(.queue(entries: 64, timeout: .milliseconds(10))),
  ]

  /// A run of the simulation.
  static func simulate(
    _ machine: MachineDescription, _ policy: PolicyChoice
  ) throws -> RunFigures {
    RunFigures(try Experiment(machine: machine, workload: .randomRead).run(policy))
  }

  /// A formula in place of the simulation: traps, pages and the rest of an I/O add up.
  static func run(_ machine: MachineDescription, _ policy: PolicyChoice) -> RunFigures {
    let trap = Double(machine.refresh.trapNanoseconds)
    let scan = Double(machine.refresh.pageScannedPicoseconds) / 1_000
    switch policy.policy {
    case .strict: return figures(1_000 + 2 * (trap + scan), invalidations: 2)
    case .legacy: return figures(1_000 + trap + 2 * scan, invalidations: 1)
    default: return figures(1_000 + trap + 33 * scan, invalidations: 1.03)
    }
  }

  private static func figures(_ nanoseconds: Double, invalidations: Double) -> RunFigures {
    RunFigures(rate: 1e9 / nanoseconds, invalidationsPerIO: invalidations)
  }

  /// A calibration of the trap and of a page's comparison, in nanoseconds, to `points`.
  static func calibration(_ points: [CalibrationPoint]) -> Calibration {
    Calibration(
      constants: [
        FittedConstant(name: "trap", start: 4_000, least: 100, most: 400_000),
        FittedConstant(name: "scan", start: 50, least: 1, most: 5_000),
      ],
      points: points, reference: PolicyChoice(.legacy),
      machine: { values in
        var machine = Self.machine
        machine.refresh.trapNanoseconds = values[0]
        machine.refresh.pageScannedPicoseconds = values[1] * 1_000
        return machine
      },
      run: { Self.run($0, $1) })
  }

  /// What a machine with these constants measures, as points with an error of 0.2 %.
  static func points(
    trap: UInt64, scan: UInt64, predicted: Int,
    run: (MachineDescription, PolicyChoice) throws -> RunFigures = { CalibrationTests.run($0, $1) }
  ) throws -> [CalibrationPoint] {
    let machine = calibration([]).machine([trap, scan])
    return try policies.enumerated().map { index, policy in
      let rate = try #require(try run(machine, policy).rate)
      return CalibrationPoint(
        policy: policy, figure: .iops, measurement: .value(rate, error: rate * 0.002),
        role: index == predicted ? .predict : .fit)
    }
  }

  @Test("Constants behind simulated figures are found again, and the left-out figure is met")
  func recovers() async throws {
    let points = try Self.points(trap: 13_000, scan: 122, predicted: 0, run: Self.simulate)
    var calibration = Self.calibration(points)
    calibration.run = Self.simulate
    let result = try await calibration.result()
    #expect((Double(result.values[0]) / 13_000 - 1).magnitude < 0.02)
    #expect((Double(result.values[1]) / 122 - 1).magnitude < 0.02)
    #expect(result.degreesOfFreedom == 0)
    #expect(points[0].holds(for: result.models[0]))
    #expect(!points[0].holds(for: result.before[0]))
    #expect(result.determination.undetermined.isEmpty)
  }

  @Test("With a point left out, the constant that the rest determines least keeps its start")
  func leaveOneOut() async throws {
    let points = try Self.points(trap: 13_000, scan: 122, predicted: 0)
    let calibration = Self.calibration(points)
    let result = try await calibration.result()
    #expect(result.leaveOneOut.map(\.point) == [1, 2])
    for left in result.leaveOneOut {
      #expect(left.fitted.count == 1)
      guard case .predicted(let figure, let values, let chiSquared) = left.outcome else {
        Issue.record("\(left.outcome)")
        continue
      }
      let kept = left.fitted == [0] ? 1 : 0
      #expect(values[kept] == calibration.constants[kept].start)
      // One constant meets one point; the other point is what this machine says of it.
      #expect(chiSquared < 1)
      let machine = calibration.machine(values)
      #expect(Self.run(machine, points[left.point].policy).rate == figure)
    }
  }

  @Test("The same calibration gives the same result, in a run of its own")
  func repeats() async throws {
    let points = try Self.points(trap: 9_000, scan: 70, predicted: 2)
    let first = try await Self.calibration(points).result()
    let second = try await Self.calibration(points).result()
    #expect(first == second)
  }

  @Test("No machine is run twice under a policy")
  func memoises() async throws {
    let seen = Mutex<[String]>([])
    var calibration = Self.calibration(try Self.points(trap: 9_000, scan: 70, predicted: 0))
    calibration.run = { machine, policy in
      let key = "\(machine.refresh.trapNanoseconds) \(machine.refresh.pageScannedPicoseconds)"
      seen.withLock { $0.append("\(key) \(policy)") }
      return Self.run(machine, policy)
    }
    let result = try await calibration.result()
    let keys = seen.withLock { $0 }
    #expect(Set(keys).count == keys.count)
    #expect(result.runs == keys.count)
  }

  @Test("A constant that no fitted figure depends on is told, as is a run that fails")
  func degenerate() async throws {
    var calibration = Self.calibration(
      try Self.points(trap: 9_000, scan: 70, predicted: 0))
    calibration.machine = { values in
      var machine = Self.machine
      machine.refresh.trapNanoseconds = values[0]
      machine.costs.copyPicosecondsPerByte = values[1]
      return machine
    }
    await #expect(throws: CalibrationError.noInfluence(constant: "scan")) {
      _ = try await calibration.result()
    }
    calibration.run = { _, _ in throw CalibrationError.run("broken") }
    await #expect(throws: CalibrationError.run("broken")) { _ = try await calibration.result() }
  }

  @Test("A point's deviation counts its errors; bounds hold or do not")
  func points() {
    let value = CalibrationPoint(
      policy: PolicyChoice(.strict), figure: .relative,
      measurement: .value(0.5, error: 0.02), role: .fit)
    #expect(value.deviation(of: 0.53).map { ($0 - 1.5).magnitude < 1e-9 } == true)
    #expect(value.holds(for: 0.53) && !value.holds(for: 0.45))
    var bounds = value
    bounds.measurement = .bounds(above: 0.1, below: 0.2)
    #expect(bounds.deviation(of: 0.3) == nil)
    #expect(bounds.holds(for: 0.15) && !bounds.holds(for: 0.2) && !bounds.holds(for: 0.1))
  }
}
