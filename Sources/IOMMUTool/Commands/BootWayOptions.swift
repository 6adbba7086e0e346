import ArgumentParser

/// The options of `boot` for processors and interruptions.
struct BootWayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How completions are learned of: poll, or interrupt, where a processor waits until the "
        + "function interrupts it.", valueName: "way"))
  var completion = BootWay.Completion.poll

  @Option(
    help: ArgumentHelp(
      "The processors that share the requests, each with a queue of its own, 1 to "
        + "\(BootWay.processorsMax).", valueName: "count"))
  var processors = 1

  /// What was asked for.
  ///
  /// Throws: `usage`.
  func way(countsInstructions: Bool) throws(ToolError) -> BootWay {
    if processors < 1 || processors > BootWay.processorsMax {
      throw .usage("--processors \(processors): expected 1 to \(BootWay.processorsMax)")
    }
    if countsInstructions && processors > 1 {
      throw .usage(
        "--processors \(processors): --icount counts the instructions of one processor")
    }
    if countsInstructions && completion == .interrupt {
      throw .usage("--completion interrupt: with --icount, time leaps while a processor waits")
    }
    return BootWay(completion: completion, processors: processors)
  }
}
