import Testing

@testable import MachineModel

struct MachineDescriptionTests {
  @Test func theDefaultsAreAMachine() throws {
    try MachineDescription(name: "default").validate()
    try Rig.small().validate()
    try Rig.small(.direct).validate()
  }

  private struct Case: Sendable {
    let field: String
    let value: String
    let change: @Sendable (inout MachineDescription) -> Void
  }

  private static let cases: [Case] = [
    Case(field: "cpus", value: "0") { $0.cpus = 0 },
    Case(field: "cpus", value: "257") { $0.cpus = 257 },
    Case(field: "memoryBytes", value: "4096") { $0.memoryBytes = 4_096 },
    Case(field: "memoryBytes", value: "16777217") { $0.memoryBytes = (16 << 20) + 1 },
    Case(field: "tableMemoryBytes", value: "16777216") { $0.tableMemoryBytes = 16 << 20 },
    Case(field: "apertureFirst", value: "4096") { $0.apertureFirst = 4_096 },
    Case(field: "apertureBytes", value: "4398046511104") { $0.apertureBytes = 4 << 40 },
    Case(field: "timerHertz", value: "0") { $0.timerHertz = 0 },
    Case(field: "refresh.pinnedPagesMax", value: "0") { $0.refresh.pinnedPagesMax = 0 },
    Case(field: "refresh.trapNanoseconds", value: "1000000001") {
      $0.refresh.trapNanoseconds = 1_000_000_001
    },
    Case(field: "costs.loadNanoseconds", value: "0") { $0.costs.loadNanoseconds = 0 },
    Case(field: "costs.clockPicoseconds", value: "0") { $0.costs.clockPicoseconds = 0 },
    Case(field: "nvme.channels", value: "0") { $0.nvme.channels = 0 },
  ]

  @Test(arguments: cases.indices)
  func aBadFieldIsNamedWithItsValue(index: Int) {
    let expected = Self.cases[index]
    var description = Rig.small()
    expected.change(&description)
    do throws(MachineDescriptionError) {
      try description.validate()
      Issue.record("\(expected.field) was taken")
    } catch {
      #expect(error.field == expected.field)
      #expect(error.value == expected.value)
    }
  }
}
