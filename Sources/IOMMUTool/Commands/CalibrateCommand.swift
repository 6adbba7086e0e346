import ArgumentParser
import MachineModel

/// `iommu calibrate`: constants of a machine from measured points.
struct CalibrateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Fits constants of a machine to measured points.",
    discussion: """
      The points are a YAML file that names a machine, a workload, the constants to fit (keys of \
      the machine file) and what was measured: policies with a relative I/O rate, an absolute one \
      or invalidations per I/O, each with its standard error, to be fitted or to be predicted. \
      The file 'thread-2022' is shipped, and its comments tell the form.

      The model is the simulation itself, the same as in compare. Constants are found by least \
      squares, weighted by the errors: from coarse differences to fine ones, since the simulation \
      has jumps. Each constant gets a standard error, each point its deviation in standard errors, \
      fitted and predicted points apart; then each fitted point is left out once, the constants \
      are fitted to the others from the start, and the point is predicted. Where fewer points than \
      constants are left, the constants that they determine least keep their starting values.

      A fit that does not converge, or a constant without influence, exits 1 and prints no result. \
      A prediction that fails is a result: it exits 0, or 1 with --check-predictions.
      """)

  @Argument(
    help: ArgumentHelp(
      "The shipped points, \(NearestName.list(PointsCatalog.names)), or a YAML file.",
      valueName: "points"))
  var points: String

  @Option(
    help: ArgumentHelp(
      "Where to write the machine with the values found, for --machine of other verbs.",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What to call that machine. (default: the starting machine's name and '-calibrated')",
      valueName: "name"))
  var name: String?

  @Flag(
    help: """
      Exit 1 if a predicted point is off by more than two standard errors or out of its bounds.
      """)
  var checkPredictions = false

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if name != nil, output == nil { throw .usage("--name needs --output") }
    if let name, !Self.isPlain(name) {
      throw .usage("--name '\(name)': expected letters, digits and any of - _ .")
    }
    let request = try CalibrationRequest(points)
    if let output { try OutputFile.checkWritable(output) }
    let report = CalibrationReport(request: request, result: try await request.result(progress))
    if checkPredictions, let failed = report.failedPredictions.first {
      throw .checkFailed(
        "\(PolicySpelling.spelling(of: report.points[failed].policy)): predicted "
          + "\(report.number(report.result.models[failed], of: failed)), measured "
          + report.measured(failed))
    }
    if let output {
      let text = try CalibratedMachineText.text(
        report, name: name ?? request.machine.name + "-calibrated")
      try OutputFile.write(text, to: output)
    }
    switch format {
    case .table: return CalibrationTable.text(report)
    case .json: return CalibrationJSON.text(report)
    }
  }

  /// Whether YAML needs no quotes for `name`, and no machine file a second thought.
  private static func isPlain(_ name: String) -> Bool {
    let isFit = name.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0)
    }
    return isFit && (name.first.map { $0.isLetter } ?? false)
  }
}
