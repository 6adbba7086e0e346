import Foundation
import KernelTraces
import Testing

@Suite("A timeline")
struct TimelineWriterTests {
  private struct Drawn {
    var events: [[String: Any]] = []
    var counts: TimelineWriter.Counts
    var byteCount = 0

    func phase(_ phase: String) -> [[String: Any]] {
      events.filter { $0["ph"] as? String == phase }
    }
  }

  private func draw(
    _ trace: RecordedTrace, slicesMax: Int = 100_000, window: UInt64 = 100_000
  ) throws -> Drawn {
    var writer = TimelineWriter(slicesMax: slicesMax, window: window)
    var output: [UInt8] = []
    var work = trace.work
    writer.begin("a \"title\"", into: &output)
    writer.takeAll(from: &work, into: &output)
    writer.finish(at: trace.summary.timeLast, into: &output)
    let document = try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any]
    let events = try #require(document?["traceEvents"] as? [[String: Any]])
    return Drawn(events: events, counts: writer.counts, byteCount: output.count)
  }

  @Test("draws each mapping from begin to end, and no track goes back", arguments: Traces.smallest)
  func tracks(_ name: String) async throws {
    let trace = try await withUnpacker { try await Traces.read(Traces.path(name)) }
    let drawn = try draw(trace)
    var open: [UInt64: Double] = [:]
    var last: [String: Double] = [:]
    for event in drawn.events {
      let phase = try #require(event["ph"] as? String)
      if phase == "M" { continue }
      let time = try #require(event["ts"] as? Double)
      let track = "\(phase == "e" ? "b" : phase) \(event["name"] ?? "") \(event["tid"] ?? "")"
      #expect(time >= last[track] ?? 0)
      last[track] = time
      guard phase == "b" || phase == "e" else { continue }
      let id = try #require(event["id"] as? UInt64)
      if phase == "b" {
        #expect(open.updateValue(time, forKey: id) == nil)
      } else {
        #expect(open.removeValue(forKey: id).map { $0 <= time } == true)
      }
    }
    #expect(open.isEmpty)
    #expect(drawn.phase("b").count == trace.summary.maps)
    #expect(drawn.counts.mappingsOpen == trace.summary.liveMappings)
    let instants = drawn.phase("i")
    #expect(
      instants.count { $0["name"] as? String == "global" } == trace.summary.globalInvalidations)
    #expect(instants.count { $0["s"] as? String == "g" } == trace.statistics.events.marks)
    let pages = drawn.phase("C").filter { $0["name"] as? String == "pages in flight" }
    let values = pages.compactMap { ($0["args"] as? [String: Any])?["value"] as? UInt64 }
    #expect(values.max() == trace.summary.livePagesMax)
    #expect(values.last == trace.summary.livePages)
  }

  @Test("is bounded, says what it leaves out, and keeps the highest value of a counter")
  func bounds() async throws {
    let name = "s390x/linux-6.1-lazy-mixed"
    let trace = try await withUnpacker { try await Traces.read(Traces.path(name)) }
    let whole = try draw(trace)
    let few = try draw(trace, slicesMax: 10, window: 1_000_000_000)
    #expect(few.phase("b").count == 10 && few.phase("e").count == 10)
    #expect(few.counts.mappingsLeftOut == trace.summary.maps - 10)
    #expect(few.counts.invalidationsLeftOut == trace.summary.rangeInvalidations - 10)
    // Eight windows of a second, each with at most two values of three counters.
    #expect(few.phase("C").count <= 8 * 2 * 3)
    #expect(few.byteCount * 20 < whole.byteCount)
    let values = few.phase("C").filter { $0["name"] as? String == "pages in flight" }
      .compactMap { ($0["args"] as? [String: Any])?["value"] as? UInt64 }
    #expect(values.max() == trace.summary.livePagesMax)
  }
}
