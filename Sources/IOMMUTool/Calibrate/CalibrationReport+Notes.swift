import MachineModel

extension CalibrationReport {
  /// Lines for people: what the figures cannot tell, first of all.
  var notes: [String] { [freedom] + undetermined + bounds + correlated + scale }

  private var freedom: String {
    let chi = FixedDecimal.text(result.chiSquared, decimals: 3) ?? "-"
    let sum = "chi squared \(chi), \(result.degreesOfFreedom) degrees of freedom"
    return result.degreesOfFreedom > 0
      ? sum : sum + ": as many constants as points, so that meeting them is no evidence"
  }

  private var undetermined: [String] {
    result.determination.undetermined.map { vector in
      let parts = vector.indices.filter { vector[$0].magnitude > 0.1 }.map { index in
        let share = FixedDecimal.text(vector[index], decimals: 2) ?? "-"
        return "\(request.keys[index].path) by \(vector[index] > 0 ? "+" : "")\(share)"
      }
      let direction =
        parts.count == 1
        ? "\(parts[0].split(separator: " ")[0]) is not determined"
        : "one direction is not determined (of the logarithms: \(parts.joined(separator: ", ")))"
      return direction + ": a factor of 10 changes the fitted figures by less than an error"
        + (isScale(vector) ? "; relative figures alone cannot fix the scale of time" : "")
    }
  }

  /// Whether a direction changes several times by one factor, and no figure is absolute.
  private func isScale(_ vector: [Double]) -> Bool {
    let moving = vector.filter { $0.magnitude > 0.1 }
    let least = moving.min() ?? 0
    let most = moving.max() ?? 0
    return isRelative && moving.count > 1 && least > 0 && most < 2 * least
  }

  private var isRelative: Bool {
    !points.contains { $0.role == .fit && $0.figure == .iops }
  }

  private var scale: [String] {
    isRelative
      ? [
        "no fitted figure is absolute: the scale of time rests on the costs that were not fitted, "
          + "and on the policies' time-outs"
      ] : []
  }

  private var bounds: [String] {
    result.values.indices.compactMap { index in
      bound(of: index, at: result.values[index]).map {
        "\(request.keys[index].path) ended at its \($0) value; its standard error means nothing"
      }
    }
  }

  private var correlated: [String] {
    let matrix = result.determination.correlations
    var lines: [String] = []
    for left in 0..<matrix.rows {
      for right in left + 1..<max(matrix.rows, left + 1)
      where matrix[left, right].magnitude > 0.95 {
        let number = FixedDecimal.text(matrix[left, right], decimals: 3) ?? "-"
        lines.append(
          "\(request.keys[left].path) and \(request.keys[right].path) are hardly told apart: "
            + "their errors correlate by \(number)")
      }
    }
    return lines
  }
}
