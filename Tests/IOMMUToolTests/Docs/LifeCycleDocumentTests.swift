import IOMMU
import Testing

@testable import IOMMUTool

/// Docs/life-cycle.md has the tables that the code goes by.
@Suite struct LifeCycleDocumentTests {
  /// The rows of the table that follows the line `<!-- name -->`, the heading first.
  private func table(_ name: String) throws -> [[String]] {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(4)
    let path = parts.joined(separator: "/") + "/Docs/life-cycle.md"
    let text = String(decoding: try InputFile.bytes(of: path, atMost: 1 << 20), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex(of: "<!-- \(name) -->"))
    let rows = lines[(start + 1)...].prefix { $0.hasPrefix("|") }
    return rows.filter { !$0.hasPrefix("|---") }.map { row in
      row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
        String($0.filter { $0 != " " })
      }
    }
  }

  @Test func devicesGoByTheTableOfTheDocument() throws {
    var expected = [["state"] + DeviceEvent.allCases.map { "\($0)" }]
    for state in DeviceState.allCases {
      expected.append(
        ["\(state)"] + DeviceEvent.allCases.map { state.after($0).map { "\($0)" } ?? "" })
    }
    #expect(try table("device") == expected)
  }

  @Test func groupsGoByTheTableOfTheDocument() throws {
    var expected = [["state"] + GroupEvent.allCases.map { "\($0)" }]
    for state in GroupState.allCases {
      expected.append(
        ["\(state)"] + GroupEvent.allCases.map { state.after($0).map { "\($0)" } ?? "" })
    }
    #expect(try table("group") == expected)
  }

  @Test func whatReachesAnythingIsEnteredFromABlockedStateAlone() {
    for state in DeviceState.allCases where state != .blocked {
      for event in DeviceEvent.allCases {
        #expect(state.after(event) != .attached && state.after(event) != .pending)
      }
    }
    for state in GroupState.allCases where !state.isBlocked {
      for event in GroupEvent.allCases {
        #expect(state.after(event)?.isBlocked ?? true)
      }
    }
  }
}
