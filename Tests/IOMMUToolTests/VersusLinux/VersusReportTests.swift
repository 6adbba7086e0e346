import MachineModel
import Testing

@testable import IOMMUTool

@Suite("Linux and this stack side by side")
struct VersusReportTests {
  private static let line =
    #"{"kernel":"6.12.1-s390x","package":"p 1","parameters":"","mode":"deferred","#
    + #""inForce":"deferred","groupType":"DMA-FQ","policy":"single-queue:32768,1s","#
    + #""workload":"w","buffers":"comingBack","depth":2,"ios":4000,"reads":4000,"writes":0,"#
    + #""bytes":1,"submissions":1,"seconds":0.5,"iops":8000,"#
    + #""invalidations":{"map":4000,"unmap":0,"global":1},"invalidationsPerIO":1.0002,"#
    + #""globalsPerSecond":2.00,"pages":{"mapped":4000,"unmapped":4000}}"#

  @Test("A line of the script is a row")
  func row() throws {
    let row = try #require(try LinuxRow.rows(Self.line + "\n").first)
    #expect(row.kernel == "6.12.1-s390x")
    #expect(row.ios == 4_000)
    #expect(row.invalidations == .init(map: 4_000, unmap: 0, global: 1))
  }

  @Test("What is no row is told, not passed over", arguments: ["{}", "linux: hello", "[1"])
  func noRow(_ line: String) {
    #expect(throws: ToolError.self) { try LinuxRow.rows(line) }
  }

  @Test("The table has the rates, and a global that is rare is not none")
  func table() throws {
    let rows = try LinuxRow.rows(Self.line).map { VersusReport.Row($0) }
    let plan = try PlannedWorkload.plan("w 2 4:1 0 back 4000", path: "plan")
    let text = VersusTable.text(VersusReport(parts: [.init(workload: plan[0], rows: rows)]))
    let line = text.split(separator: "\n").first { $0.hasPrefix("Linux") }
    let words = line?.split(separator: " ").map { String($0) }
    #expect(
      words == [
        "Linux", "6.12.1-s390x,", "deferred", "single-queue:32768,1s", "1.000", "0.000", "<0.001",
        "1.000", "4,000", "8000",
      ])
    #expect(text.hasPrefix("w: 4 KiB, 2 in flight, buffers come back\n"))
  }
}
