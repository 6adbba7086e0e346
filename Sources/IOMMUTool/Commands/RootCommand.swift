import ArgumentParser

/// The tool itself: what it is for, and its verbs.
struct RootCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iommu",
    abstract: "Compares policies for invalidating an IOMMU's translations.",
    discussion: """
      Exits 0 on success, 1 when something that a run checks does not hold, 64 for a mistake on \
      the command line, 66 for a file that cannot be read, 65 for one whose content is wrong and \
      69 where a program that is needed is not installed, 73 and 74 for an output that cannot \
      be created or written. \
      The same arguments give the same output, byte for byte.
      """,
    version: "0.1.0",
    subcommands: [
      CompareCommand.self, ReplayCommand.self, TuneCommand.self, CalibrateCommand.self,
      CrossoverCommand.self, ExploreCommand.self, ScaleCommand.self, FuzzCommand.self,
      BootCommand.self, VersusLinuxCommand.self, TraceCommand.self,
    ])
}
