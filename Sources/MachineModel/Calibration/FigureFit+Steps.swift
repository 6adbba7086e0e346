extension FigureFit {
  /// Values, and what they come to.
  struct Place: Sendable {
    var values: [UInt64]
    var residuals: [Double]

    var cost: Double { FigureFit.sum(residuals) }

    /// Whether this is better than `other` by more than nothing: by more than a hundredth of a
    /// squared standard error, or of the sum where that is large.
    ///
    /// What is measured with an error does not tell apart what differs by less: the constants move
    /// by less than a tenth of their own errors. Without a limit the search would chase the last
    /// digit.
    func isBetter(than other: Place) -> Bool {
      cost < other.cost - 1e-2 * max(1, other.cost)
    }
  }

  /// The neighbours of a place, and the derivatives that they give.
  struct Stencil: Sendable {
    var neighbours: [Place]
    var jacobian: Matrix
  }

  /// Moves each constant by each of `steps`, alone.
  ///
  /// The derivative is that between the outermost of the neighbours and the place itself. Where a
  /// bound stands in the way, the step goes to the other side.
  func differences(at here: Place, steps: [Double]) async throws(CalibrationError) -> Stencil {
    var moves: [(constant: Int, values: [UInt64])] = []
    for (index, constant) in constants.enumerated() {
      let value = here.values[index]
      var targets: [UInt64] = []
      for step in steps {
        var target = constant.moved(value, by: step)
        if target == value { target = constant.moved(value, by: -step) }
        if target != value, !targets.contains(target) { targets.append(target) }
      }
      for target in targets {
        var values = here.values
        values[index] = target
        moves.append((index, values))
      }
    }
    let results = try await residuals(moves.map(\.values))
    let neighbours = zip(moves, results).map { Place(values: $0.values, residuals: $1) }
    let columns = constants.indices.map { index in
      let own = zip(moves, neighbours).filter { $0.0.constant == index }.map(\.1)
      return derivative(of: index, own + [here])
    }
    return Stencil(
      neighbours: neighbours, jacobian: Matrix(columns: columns, rows: here.residuals.count))
  }

  /// The slope from the least to the greatest value of a constant; zero where there is but one.
  private func derivative(of index: Int, _ places: [Place]) -> [Double] {
    let sorted = places.sorted { $0.values[index] < $1.values[index] }
    guard let low = sorted.first, let high = sorted.last else { return [] }
    let step = FittedConstant.step(from: low.values[index], to: high.values[index])
    return zip(low.residuals, high.residuals).map { step == 0 ? 0 : ($1 - $0) / step }
  }

  /// A place that is better than `here`, by steps from the derivatives of a stencil around it, or
  /// `nil`.
  ///
  /// Where no step helps at all, that is the best of the stencil's own neighbours, if one is
  /// better.
  func descend(
    from here: Place, _ stencil: Stencil, _ scale: Double
  ) async throws(CalibrationError) -> Place? {
    var place = here
    var jacobian = stencil.jacobian
    for _ in 0..<Self.stepsMax {
      guard let next = try await step(from: place, jacobian) else { break }
      correct(&jacobian, from: place, to: next, scale)
      place = next
    }
    if place.values != here.values { return place }
    let best = stencil.neighbours.min { $0.cost < $1.cost }
    return best.flatMap { $0.isBetter(than: here) ? $0 : nil }
  }

  /// Steps from one set of differences, at most.
  private static let stepsMax = 12

  /// A better place by the Levenberg-Marquardt step, undamped to begin with, or `nil`.
  ///
  /// Where the derivatives themselves promise too little, nothing is run.
  private func step(
    from here: Place, _ jacobian: Matrix
  ) async throws(CalibrationError) -> Place? {
    let largest = SymmetricEigen(jacobian.normal).values.last ?? 0
    if largest <= 0 { return nil }
    for share in Self.dampings {
      let values = stepped(here, jacobian, damping: largest.squareRoot() * share)
      let promised = Place(values: values, residuals: foreseen(from: here, to: values, jacobian))
      if !promised.isBetter(than: here) { return nil }
      let place = Place(values: values, residuals: try await residuals([values])[0])
      if place.isBetter(than: here) { return place }
    }
    return nil
  }

  /// Dampings in turn, as shares of the derivatives' greatest singular value: they shorten a step
  /// along the steepest direction to a half, a tenth and a hundredth, and turn it there.
  private static let dampings = [1e-3, 1, 3, 10]

  /// The residuals at `values`, were the function as straight as its derivatives at `here`.
  private func foreseen(
    from here: Place, to values: [UInt64], _ jacobian: Matrix
  ) -> [Double] {
    let step = zip(here.values, values).map { FittedConstant.step(from: $0, to: $1) }
    return here.residuals.indices.map { row in
      step.indices.reduce(here.residuals[row]) { $0 + jacobian[row, $1] * step[$1] }
    }
  }

  /// Broyden's correction: the least change that explains what the step from `old` to `new` did.
  ///
  /// Steps much shorter than the differences tell of jumps rather than of the trend, and are left
  /// out.
  private func correct(
    _ jacobian: inout Matrix, from old: Place, to new: Place, _ scale: Double
  ) {
    let step = zip(old.values, new.values).map { FittedConstant.step(from: $0, to: $1) }
    let square = Self.sum(step)
    if square < scale * scale / 4 { return }
    let expected = foreseen(from: old, to: new.values, jacobian)
    for row in new.residuals.indices {
      let missed = new.residuals[row] - expected[row]
      for column in step.indices { jacobian[row, column] += missed * step[column] / square }
    }
  }

  /// The values one damped step from `here`; no constant moves by more than a factor of e to the
  /// 1.5.
  ///
  /// A constant that the step would carry over a bound stops there, and the rest is solved again
  /// without it.
  private func stepped(_ here: Place, _ jacobian: Matrix, damping: Double) -> [UInt64] {
    var values = here.values
    var free = constants.indices.filter { constants[$0].least < constants[$0].most }
    var right = here.residuals.map { -$0 }
    while !free.isEmpty {
      let part = jacobian.keeping(columns: free)
      guard let step = LeastSquares.solve(part, right, damping: damping) else { return values }
      let longest = step.map(\.magnitude).max() ?? 0
      let scale = longest > 1.5 ? 1.5 / longest : 1
      var stopped: [Int] = []
      for (place, index) in free.enumerated() {
        let wanted = constants[index].moved(here.values[index], by: step[place] * scale)
        values[index] = wanted
        let isBound = wanted == constants[index].least || wanted == constants[index].most
        if isBound { stopped.append(index) }
      }
      if stopped.isEmpty { return values }
      for index in stopped {
        let moved = FittedConstant.step(from: here.values[index], to: values[index])
        for row in right.indices { right[row] -= jacobian[row, index] * moved }
      }
      free.removeAll { stopped.contains($0) }
    }
    return values
  }
}
