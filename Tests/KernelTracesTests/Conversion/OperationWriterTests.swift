import Foundation
import KernelTraces
import Testing

@Suite("Operations as data")
struct OperationWriterTests {
  private func written(_ work: RecordedWork, _ form: OperationWriter.Form) -> [Substring] {
    var writer = OperationWriter(form)
    var work = work
    var output: [UInt8] = []
    writer.takeAll(from: &work, into: &output)
    return String(decoding: output, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  private static func address(_ value: Any?) -> UInt64? {
    (value as? String).flatMap { UInt64($0.dropFirst(2), radix: 16) }
  }

  @Test("JSON Lines hold every operation of a recording", arguments: Traces.smallest)
  func json(_ name: String) async throws {
    let work = try await withUnpacker { try await Traces.read(Traces.path(name)).work }
    let lines = written(work, .jsonLines)
    #expect(lines.count == work.operations.count + 1 && lines.last == "")
    for (line, operation) in zip(lines, work.operations) {
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let object = try #require(value as? [String: Any])
      let seconds = try #require(object["time"] as? Double)
      #expect(UInt64((seconds * 1e9).rounded()) == operation.time)
      #expect(object["cpu"] as? Int == operation.cpu && object["task"] as? Int == operation.task)
      switch operation.kind {
      case .map(let map):
        #expect(object["mapping"] as? UInt64 == map.mapping)
        #expect(Self.address(object["first"]) == map.first)
        #expect(Self.address(object["last"]) == map.last)
        #expect(object["pages"] as? UInt64 == map.pageCount)
        #expect((object["segments"] as? [Any])?.count == map.segmentCount)
      case .unmap(let mapping, let cause):
        #expect(object["operation"] as? String == "unmap")
        #expect(object["mapping"] as? UInt64 == mapping && object["cause"] as? String == cause.word)
      case .invalidate(let invalidation):
        #expect(object["scope"] as? String == invalidation.scope.word)
        #expect(Self.address(object["last"]) == invalidation.last)
      case .mark(let index): #expect(object["text"] as? String == work.marks[index])
      case .unmapPart: #expect(object["operation"] as? String == "unmap-part")
      }
    }
  }

  @Test("CSV has a head and as many fields in each line", arguments: Traces.small.prefix(2))
  func csv(_ name: String) async throws {
    let work = try await withUnpacker { try await Traces.read(Traces.path(name)).work }
    let lines = written(work, .csv)
    #expect(lines.count == work.operations.count + 2)
    #expect(lines[0].hasPrefix("time,cpu,task,operation,mapping"))
    // The marks of these recordings have commas in quotes.
    let fields = lines.dropLast().filter { !$0.contains("\"") }.map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).count
    }
    #expect(Set(fields) == [12])
  }

  @Test("texts are quoted where they must be")
  func quoting() throws {
    let mark = #"tracing_mark_write: a "b", \c"# + "\u{1}\u{e9}"
    let work = try Traces.read(text: Lines.ftrace([mark])).work
    #expect(written(work, .csv)[1] == #"1,0,9,mark,,,,,,,,"a ""b"", \c"# + "\u{1}\u{e9}\"")
    let json = written(work, .jsonLines)[0]
    #expect(json.hasSuffix(#","text":"a \"b\", \\c\u0001é"}"#))
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["text"] as? String == #"a "b", \c"# + "\u{1}\u{e9}")
  }
}
