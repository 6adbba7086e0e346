extension Calibration {
  /// Leaves each fitted point out, fits the constants to the others, and predicts it.
  ///
  /// Every such fit starts where the whole one did, knows nothing of what that found, and goes the
  /// same way. Where fewer points than constants are left, the surplus constants keep their
  /// starting values: those that the points which are left determine least, by the differences of
  /// the coarsest scale around the start (``Determination/mostIdentifiable(_:count:)``).
  ///
  /// The fits go side by side. None where there is only one fitted point.
  func leaveOneOut(
    _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> [LeftOutPoint] {
    if fitted.count < 2 { return [] }
    let attempts = await withTaskGroup(of: Attempt.self) { group in
      for index in fitted {
        group.addTask { await attempt(index, runs) }
      }
      var attempts: [Attempt] = []
      for await attempt in group { attempts.append(attempt) }
      return attempts
    }
    // In the points' order, not in that of their ends.
    var left: [LeftOutPoint] = []
    for index in fitted {
      for attempt in attempts where attempt.point == index { left.append(try attempt.get()) }
    }
    return left
  }

  /// What came of leaving a point out; a type of its own, so that it can go from task to task.
  private struct Attempt: Sendable {
    let point: Int
    var left: LeftOutPoint?
    var error: CalibrationError?

    func get() throws(CalibrationError) -> LeftOutPoint {
      if let left { return left }
      throw error ?? .run("a point was left out without a result")
    }
  }

  private func attempt(_ index: Int, _ runs: CalibrationRuns) async -> Attempt {
    do throws(CalibrationError) {
      return Attempt(point: index, left: try await leaveOut(index, runs))
    } catch {
      return Attempt(point: index, error: error)
    }
  }

  private func leaveOut(
    _ index: Int, _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> LeftOutPoint {
    let used = fitted.filter { $0 != index }
    let free = try await identifiable(used, runs)
    do throws(CalibrationError) {
      let outcome = try await fit(free, to: used, runs)
      let figure = try await figures(outcome.values, [index], runs)[0]
      return LeftOutPoint(
        point: index, fitted: free,
        outcome: .predicted(
          figure, values: outcome.values, chiSquared: outcome.chiSquared))
    } catch .noInfluence(let constant) {
      return LeftOutPoint(point: index, fitted: free, outcome: .noInfluence(constant: constant))
    } catch .notConverged(let chiSquared) {
      return LeftOutPoint(
        point: index, fitted: free, outcome: .notConverged(chiSquared: chiSquared))
    }
  }

  /// The constants that can be fitted to the points at `used`: all, or as many as there are points.
  private func identifiable(
    _ used: [Int], _ runs: CalibrationRuns
  ) async throws(CalibrationError) -> [Int] {
    let all = Array(constants.indices)
    if used.count >= all.count { return all }
    let start = constants.map(\.start)
    let step = FigureFit.descentScales[0]
    let neighbours = all.map { index in
      var values = start
      values[index] = constants[index].moved(start[index], by: step)
      if values == start { values[index] = constants[index].moved(start[index], by: -step) }
      return values
    }
    let places = try await residuals([start] + neighbours, used, runs)
    let columns = all.map { index in
      let taken = FittedConstant.step(from: start[index], to: neighbours[index][index])
      return zip(places[0], places[index + 1]).map { taken == 0 ? 0 : ($1 - $0) / taken }
    }
    return Determination.mostIdentifiable(
      Matrix(columns: columns, rows: used.count), count: used.count)
  }
}
