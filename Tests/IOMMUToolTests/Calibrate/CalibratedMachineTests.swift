import Testing

@testable import IOMMUTool
@testable import MachineModel

@Suite struct CalibratedMachineTests {
  /// A report on the shipped points with made-up results, so that no simulation is needed.
  static func report() throws -> CalibrationReport {
    let request = try CalibrationRequest("thread-2022")
    let count = request.constants.count
    var jacobian = Matrix(rows: count, columns: count)
    for index in 0..<count { jacobian[index, index] = index == 1 ? 0.1 : 25 }
    let models = request.file.points.map { point -> Double in
      guard case .value(let value, let error) = point.value.measurement else { return 0.0521 }
      return value + error / 2
    }
    let result = CalibrationResult(
      values: (0..<count).map { UInt64(12_874 + $0) },
      determination: Determination(jacobian: jacobian), chiSquared: 0.75,
      degreesOfFreedom: request.file.points.count { $0.value.role == .fit } - count,
      before: models.map { $0 + 0.01 }, models: models,
      leaveOneOut: [
        LeftOutPoint(
          point: 0, fitted: [0],
          outcome: .predicted(0.6, values: Array(repeating: 15_000, count: count), chiSquared: 0)),
        LeftOutPoint(point: 1, fitted: [0], outcome: .noInfluence(constant: "rpcit.trap")),
        LeftOutPoint(point: 2, fitted: [0], outcome: .notConverged(chiSquared: 3)),
      ], runs: 123)
    return CalibrationReport(request: request, result: result)
  }

  @Test("The written machine reads back as the one found, under its name")
  func readsBack() throws {
    let report = try Self.report()
    let text = try CalibratedMachineText.text(report, name: "mine")
    var expected = report.request.machine(report.result.values)
    expected.name = "mine"
    #expect(try MachineFileReader.read(text) == expected)
    #expect(expected.refresh.trapNanoseconds == 12_874)
  }

  @Test("Only the fitted values and the name differ from the starting file; comments stay")
  func keepsTheRest() throws {
    let report = try Self.report()
    let before = report.request.machineText.split(
      separator: "\n", omittingEmptySubsequences: false)
    let text = try CalibratedMachineText.text(report, name: "mine")
    let after = text.split(separator: "\n", omittingEmptySubsequences: false)
    let body = after.suffix(before.count)
    let changed = zip(before, body).filter { $0 != $1 }.map { $1 }
    let fitted = report.request.keys.indices.map { index in
      let name = report.request.keys[index].path.split(separator: ".")[1]
      return "  \(name): \(report.request.spelling(report.result.values[index], of: index))"
    }
    #expect(Set(changed.map(String.init)) == Set(["name: mine"] + fitted))
    let header = after.dropLast(before.count)
    #expect(header.allSatisfy { $0.hasPrefix("#") || $0.isEmpty })
    #expect(header.contains { $0.contains("queue:256,10ms") && $0.contains("<0.0800") })
  }

  @Test("Values are replaced where they stand, whatever the style of the file")
  func styles() throws {
    let text = "name: \"a: b\" # é name\nrpcit: {trap: 1us, flush: '2us'} # 1us\ncpu:\n  load: 3us"
    let new = try CalibratedMachineText.replacing(
      ["name": "c", "rpcit.trap": "10us", "rpcit.flush": "20us", "cpu.load": "4ns"], in: text)
    #expect(
      new == "name: c # é name\nrpcit: {trap: 10us, flush: 20us} # 1us\ncpu:\n  load: 4ns")
  }

  @Test("The table tells fitted from predicted points, and says what the figures cannot tell")
  func table() throws {
    let lines = CalibrationTable.text(try Self.report()).split(
      separator: "\n", omittingEmptySubsequences: false)
    let fitted = try #require(lines.firstIndex { $0.hasPrefix("Fitted:") })
    let predicted = try #require(lines.firstIndex { $0.hasPrefix("Predicted:") })
    let left = try #require(lines.firstIndex { $0.hasPrefix("Leave-one-out:") })
    #expect(fitted < predicted && predicted < left)
    #expect(lines[fitted..<predicted].contains { $0.hasPrefix("strict ") && $0.contains("+0.50") })
    #expect(
      lines[predicted..<left].contains { $0.hasPrefix("queue:256,10ms") && $0.hasSuffix("holds") })
    #expect(lines[left...].contains { $0.contains("0.6000") && $0.contains("+4.00") })
    #expect(
      lines[left...].contains { $0.contains("the other points say nothing about rpcit.trap") })
    #expect(lines[left...].contains { $0.contains("did not converge") })
    #expect(lines.contains { $0.contains("undetermined") })
    #expect(lines.contains { $0.contains("is not determined: a factor of 10") })
    #expect(lines.contains { $0.contains("no fitted figure is absolute") })
    #expect(lines.last == "")
  }

  @Test("A prediction outside of its bounds is told")
  func failedPredictions() throws {
    let report = try Self.report()
    #expect(report.failedPredictions.isEmpty)
    let result = report.result
    var models = result.models
    models[models.count - 1] = 0.09
    let failing = CalibrationReport(
      request: report.request,
      result: CalibrationResult(
        values: result.values, determination: result.determination,
        chiSquared: result.chiSquared, degreesOfFreedom: 0, before: result.before, models: models,
        leaveOneOut: [], runs: 1))
    #expect(failing.failedPredictions == [models.count - 1])
  }

  @Test("JSON has the promised keys in the promised order")
  func json() throws {
    let text = CalibrationJSON.text(try Self.report())
    let top = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
      .map { $0.split(separator: "\"")[1] }
    #expect(
      top == [
        "points", "machine", "workload", "seed", "reference", "runs", "constants", "correlations",
        "fitted", "predicted", "chiSquared", "degreesOfFreedom", "leaveOneOut", "notes",
      ])
    #expect(text.contains("\"standardErrorFactor\": null"))
    #expect(text.contains("\"standardErrorFactor\": 1.0408"))
    #expect(text.contains("\"outcome\": \"notConverged\""))
    #expect(text.contains("\"verdict\": \"holds\""))
  }
}
