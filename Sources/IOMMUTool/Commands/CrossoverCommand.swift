import ArgumentParser
import IOMMU
import MachineModel

/// `iommu crossover`: from how many deferred unmaps on one global refresh costs less.
struct CrossoverCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "crossover",
    abstract: "Tells where one full refresh costs less than many selective ones.",
    discussion: """
      Linux's Intel driver does not defer invalidations under a hypervisor, because a full one \
      is dear; on s390 deferring was measured to pay. Which is right depends on three costs and \
      two numbers: a trap, a page looked at, a page table visited; the pages or tables that a \
      full refresh looks at, and the unmaps that it stands for. For each machine this prints the \
      border between the two, on which side of it Linux's two usual queues lie, 256 entries and \
      32768, and how large an aperture, or how many tables in use, would put them on the other.

      JSON: {tolerance, machines: [{machine, absentTables, aperturePages, tables, \
      costsNanoseconds: {trap, page, table}, refreshNanoseconds: {page, pages256, global}, \
      globalPages, breakEvenUnmaps, queues: [{entries, side, largestAperturePages, \
      largestTables, unmapsPerSecond}], verdict, check}]}. A largest size of null is no bound. \
      unmapsPerSecond is the rate below which the usual time-out, 10 ms and 1 s, drains the queue \
      before the border is reached. check is null without --verify, or {holds, points: [{entries, \
      predicted, simulated, predictedRelative, simulatedRelative, counts, globalTables}]}.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Shipped machines, \(NearestName.list(MachineCatalog.timedNames)), or YAML files. "
        + "(default: all that are shipped)",
      valueName: "name|file"))
  var machine: [String] = []

  @Option(
    help: ArgumentHelp(
      "The page tables in use when everything is refreshed. "
        + "(default: those of 32 reads of 4 KiB in flight)",
      valueName: "number"))
  var tables: UInt64?

  @Flag(
    help: ArgumentHelp(
      "Also simulate queues on either side of the border, against strict.",
      discussion: "Exits 1 where one that is twice as far as the border or farther disagrees."))
  var verify = false

  @Option(help: ArgumentHelp("Where the runs' random numbers start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("How to print the result.", valueName: "format"))
  var format = OutputFormat.table

  mutating func report(_ progress: Progress) async throws(ToolError) -> String {
    if tables == 0 {
      throw .usage("--tables: expected 1 or more, for a mapping in flight has a table")
    }
    if verify && tables != nil {
      throw .usage("--tables cannot be given with --verify: there, the workload decides")
    }
    var reports: [CrossoverReport] = []
    for name in machine.isEmpty ? MachineCatalog.timedNames : machine {
      let description = try MachineCatalog.timedMachine(name)
      let present = tables ?? Workload.randomRead.tablesInUse(cpus: description.cpus)
      reports.append(CrossoverReport(description, tables: present))
    }
    if verify {
      for index in reports.indices { try await reports[index].verify(seed: seed, progress) }
      for report in reports where report.holds == false {
        throw .checkFailed(CrossoverTable.disagreement(report))
      }
    }
    switch format {
    case .table: return CrossoverTable.text(reports)
    case .json: return CrossoverJSON.text(reports)
    }
  }
}
