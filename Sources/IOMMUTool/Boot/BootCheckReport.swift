/// What came of the checks, for people and for programs.
enum BootCheckReport {
  /// A line for each case: the check, whether it holds, and what was seen in figures.
  static func table(_ outcomes: [BootCheckOutcome]) -> String {
    // The last column is as long as it has to be; a rule as long would be of no use.
    var rows = [["check", "holds", "seen"], ["-----", "-----", "----"]]
    for outcome in outcomes {
      for one in outcome.cases {
        let figures = one.figures.map { figure in
          let wanted = figure.expected.map { " (not \($0))" } ?? ""
          return "\(figure.name) \(figure.number)\(wanted)"
        }
        rows.append([
          "\(outcome.name) \(one.name)", one.holds ? "yes" : "NO", figures.joined(separator: ", "),
        ])
      }
      if outcome.cases.isEmpty {
        rows.append([outcome.name, "NO", outcome.complaint ?? ""])
      }
    }
    var text = TextColumns.lines(rows, lastIsText: true).map { $0 + "\n" }.joined()
    for outcome in outcomes where outcome.complaint != nil {
      text += "\n\(outcome.name): what the machine said\n" + outcome.output
    }
    return text
  }

  /// The document, with a line end.
  ///
  /// The keys and their order are a promise to whoever reads them by program. A figure's key is the
  /// image's word for it; `expected` has those that are not right.
  static func json(_ outcomes: [BootCheckOutcome]) -> String {
    JSONText.object([
      ("machine", .string("qemu, booted")),
      ("checks", .array(outcomes.map(check))),
    ]).text + "\n"
  }

  private static func check(_ outcome: BootCheckOutcome) -> JSONText {
    .object([
      ("name", .string(outcome.name)),
      ("holds", .boolean(outcome.complaint == nil)),
      ("complaint", outcome.complaint.map { .string($0) } ?? .null),
      ("output", outcome.complaint == nil ? .null : .string(outcome.output)),
      (
        "cases",
        .array(
          outcome.cases.map { one in
            .object([
              ("name", .string(one.name)),
              ("holds", .boolean(one.holds)),
              ("seen", figures(one.figures.map { ($0.name, $0.number) })),
              (
                "expected",
                figures(
                  one.figures.compactMap { figure in figure.expected.map { (figure.name, $0) } })
              ),
            ])
          })
      ),
    ])
  }

  private static func figures(_ figures: [(String, UInt64)]) -> JSONText {
    .object(figures.map { (key: camelCased($0), value: .integer($1)) })
  }

  /// `rpcits-as-counted` as `rpcitsAsCounted`.
  static func camelCased(_ name: String) -> String {
    let words = name.split(separator: "-")
    return words.enumerated().map { index, word in
      index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }
}
