import Testing

@testable import MachineModel

@Suite struct FigureFitTests {
  typealias Function = @Sendable ([Double]) -> [Double]

  /// Fits constants that start at `start`, in millionths, so that they are nearly continuous.
  func fit(
    _ start: [Double], bounds: ClosedRange<Double> = 1e-3...1e3, _ residuals: @escaping Function
  ) async throws(CalibrationError) -> (values: [Double], outcome: FigureFit.Outcome) {
    let constants = start.enumerated().map { index, value in
      FittedConstant(
        name: "c\(index)", start: UInt64(value * 1e6), least: UInt64(bounds.lowerBound * 1e6),
        most: UInt64(bounds.upperBound * 1e6))
    }
    let fit = FigureFit(constants: constants) { batch in
      batch.map { residuals($0.map { Double($0) / 1e6 }) }
    }
    let outcome = try await fit.run()
    return (outcome.values.map { Double($0) / 1e6 }, outcome)
  }

  @Test("A linear problem ends at its exact answer")
  func linear() async throws {
    let (values, outcome) = try await fit([1, 1]) { x in
      [x[0] + x[1] - 7, x[0] - 2 * x[1] + 2, 3 * x[0] - x[1] - 9].map { $0 * 1_000 }
    }
    #expect(outcome.hasConverged)
    #expect((values[0] - 4).magnitude < 1e-3 && (values[1] - 3).magnitude < 1e-3)
    #expect(outcome.chiSquared < 1)
  }

  @Test("Height and rate of an exponential decay are found from its samples")
  func exponentialDecay() async throws {
    let times = (0..<12).map { Double($0) }
    let samples = times.map { 5 * power(0.8, $0) }
    let (values, outcome) = try await fit([1, 0.3], bounds: 0.01...100) { x in
      zip(times, samples).map { (x[0] * power(x[1], $0) - $1) / 0.001 }
    }
    #expect(outcome.hasConverged)
    #expect((values[0] / 5 - 1).magnitude < 1e-3)
    #expect((values[1] / 0.8 - 1).magnitude < 1e-3)
  }

  @Test("Rosenbrock's valley is followed to its end")
  func rosenbrock() async throws {
    let (values, outcome) = try await fit([0.2, 3]) { x in
      [10 * (x[1] - x[0] * x[0]), 1 - x[0]].map { $0 * 100 }
    }
    #expect(outcome.hasConverged)
    #expect((values[0] - 1).magnitude < 0.01 && (values[1] - 1).magnitude < 0.02)
  }

  @Test("Where only a product counts, it is met, and the constants share the way from the start")
  func rankDeficient() async throws {
    let (values, outcome) = try await fit([1, 1]) { x in
      [(x[0] * x[1] - 9) * 100, (2 * x[0] * x[1] - 18) * 100]
    }
    #expect(outcome.hasConverged)
    #expect((values[0] * values[1] - 9).magnitude < 0.01)
    #expect((values[0] / values[1] - 1).magnitude < 0.05)
    let determination = Determination(jacobian: outcome.jacobian)
    #expect(determination.undetermined.count == 1)
    #expect(determination.undetermined[0][0] * determination.undetermined[0][1] < 0)
  }

  @Test("Steps and spikes finer than the scale do not stop the search", arguments: [0.0, 0.1, 0.2])
  func jumps(phase: Double) async throws {
    // The trend is straight in both; every few per cent it jumps by a whole standard error.
    let (values, outcome) = try await fit([1, 1]) { x in
      let jump = { (value: Double) in ((value * 20 + phase).rounded(.down)) / 20 }
      return [(jump(x[0]) - 6) / 0.05, (jump(x[1]) - 4) / 0.05, (x[0] + x[1] - 10) / 0.5]
    }
    #expect(outcome.hasConverged)
    #expect((values[0] / 6 - 1).magnitude < 0.05 && (values[1] / 4 - 1).magnitude < 0.05)
  }

  @Test("A bound in the way is kept, and the other constants make the best of it")
  func bounds() async throws {
    let (values, outcome) = try await fit([1, 1], bounds: 0.5...2) { x in
      [(x[0] + x[1] - 7) * 100, (x[1] - 1.5) * 100]
    }
    #expect(outcome.hasConverged)
    #expect(values[0] == 2)
    // With the first at 2, the second is drawn to 5 and to 1.5 alike: at most 2 again.
    #expect(values[1] == 2)
  }

  @Test("A constant without influence is named")
  func noInfluence() async {
    await #expect(throws: CalibrationError.noInfluence(constant: "c1")) {
      _ = try await fit([1, 1]) { x in [x[0] - 2, 2 * x[0] - 4] }
    }
  }

  @Test("A step never stays where it is, unless a bound says so")
  func moves() {
    let constant = FittedConstant(name: "c", start: 3, least: 2, most: 5)
    #expect(constant.moved(3, by: 0.01) == 4)
    #expect(constant.moved(3, by: -0.01) == 2)
    #expect(constant.moved(3, by: 9) == 5)
    #expect(constant.moved(3, by: -9) == 2)
    #expect(constant.moved(5, by: 1) == 5)
    #expect(constant.moved(2, by: -1) == 2)
    #expect(constant.moved(3, by: 0) == 3)
    let wide = FittedConstant(name: "c", start: 1, least: 1, most: .max)
    #expect(wide.moved(.max, by: 1_000) == .max)
    #expect(wide.moved(1_000, by: 0.1) == 1_105)
  }

  /// `base` to a whole power.
  private func power(_ base: Double, _ exponent: Double) -> Double {
    (0..<Int(exponent)).reduce(1) { product, _ in product * base }
  }
}
