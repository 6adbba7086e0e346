import IOMMU
import MachineModel
import Testing
import Workloads

@testable import IOMMUTool

@Suite("Measuring what work costs") struct CostFitTests {
  private static func runs(_ costs: WorkTable<UInt64>) -> [CostFit.Run] {
    var runs: [CostFit.Run] = []
    for (place, kind) in WorkKind.allCases.enumerated() {
      var work = WorkTable<UInt64>(repeating: 0)
      work[.round] = 10
      work[kind] += UInt64(100 + place)
      let sum = work.instructions(at: costs) ?? 0
      runs.append(CostFit.Run(name: kind.rawValue, work: work, instructions: sum))
    }
    return runs
  }

  @Test("Costs are found again from runs that were made with them")
  func found() throws {
    var costs = WorkTable<UInt64>(repeating: 0)
    for (place, kind) in WorkKind.allCases.enumerated() { costs[kind] = UInt64(1_500 + place * 7) }
    let runs = Self.runs(costs)
    let fit = try CostFit(runs)
    #expect(fit.thousandths == costs)
    for run in runs { #expect(abs(fit.miss(run)) < 1e-9) }
  }

  @Test("Runs that do not tell a cost are refused")
  func undetermined() {
    let runs = Self.runs(WorkTable(repeating: 1_000)).filter { $0.name != "treeStep" }
    #expect(throws: ToolError.self) { try CostFit(runs) }
  }

  @Test("What would cost less than nothing costs nothing, and the others are found without it")
  func negative() throws {
    var costs = WorkTable<UInt64>(repeating: 500_000)
    costs[.announcement] = 0
    var runs = Self.runs(costs)
    // A run that announces took less than one that does the same without: by chance, say.
    for place in runs.indices where runs[place].name == WorkKind.announcement.rawValue {
      runs[place].instructions -= 50
    }
    let fit = try CostFit(runs)
    #expect(fit.thousandths[.announcement] == 0)
    for run in runs { #expect(abs(fit.miss(run)) < 0.02) }
  }

  @Test("Thousandths are written as a machine file reads them")
  func decimals() throws {
    for number in [0, 1, 40, 500, 1_000, 1_234_500] as [UInt64] {
      let text = MeasuringRunner.decimal(number)
      #expect(try Quantity.instructions.parse(SpellingPiece(text[...], column: 1)) == number)
    }
    #expect(MeasuringRunner.decimal(2_500) == "2.5" && MeasuringRunner.decimal(7_000) == "7")
  }

  @Test("What is measured is none of the workloads that are predicted, and does not go by time")
  func runs() {
    for run in MeasuringRun.all {
      #expect(run.plan.isValid)
      for workload in Workload.all {
        let plan = RoundPlan(workload, seed: run.plan.seed)
        #expect(plan?.depth != run.plan.depth)
      }
    }
  }

  @Test("The machine tells its policies what the image tells them")
  func cost() throws {
    let told = try MachineCatalog.machine("qemu").invalidationCost
    let image = InvalidationCost.shadowed
    #expect(told.instruction == image.instruction && told.kibipage == image.kibipage)
    #expect(told.kibitable == image.kibitable && told.absentTables == image.absentTables)
    #expect(told.tablePagesLog2 == image.tablePagesLog2)
  }
}
