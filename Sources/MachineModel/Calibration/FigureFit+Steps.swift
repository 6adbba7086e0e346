extension FigureFit {
  /// Values, and what they come to.
  struct Place: Sendable {
    var values: [UInt64]
    var residuals: [Double]

    var cost: Double { FigureFit.sum(residuals) }

    /// Whether this is better than `other` by more than nothing: by more than a thousandth of a
    /// squared standard error, or of the sum where that is large.
    ///
    /// What is measured with an error does not tell apart what differs by less, and without a limit
    /// the search would chase the last digit.
    func isBetter(than other: Place) -> Bool {
      cost < other.cost - 1e-3 * max(1, other.cost)
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

  /// A place that is better than `here`, or `nil`.
  ///
  /// Tries the Levenberg-Marquardt step, then a strongly damped one, which is short and goes down
  /// the steepest way, then the best of the stencil's own neighbours.
  func improve(_ here: Place, _ stencil: Stencil) async throws(CalibrationError) -> Place? {
    // No step can gain more than all there is.
    if !Place(values: here.values, residuals: []).isBetter(than: here) { return nil }
    let largest = SymmetricEigen(stencil.jacobian.normal).values.last ?? 0
    if largest > 0 {
      for share in [1e-3, 0.5] {
        let values = stepped(here, stencil.jacobian, damping: largest.squareRoot() * share)
        if values == here.values { continue }
        let place = Place(values: values, residuals: try await residuals([values])[0])
        if place.isBetter(than: here) { return place }
      }
    }
    let best = stencil.neighbours.min { $0.cost < $1.cost }
    return best.flatMap { $0.isBetter(than: here) ? $0 : nil }
  }

  /// The values one damped step from `here`; no constant moves by more than a factor of e to the 1.5.
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
