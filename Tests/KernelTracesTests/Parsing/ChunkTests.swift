import KernelTraces
import Testing

@Suite("Chunks")
struct ChunkTests {
  @Test("the places where bytes are cut make no difference", arguments: [1, 2, 7, 64, 1000])
  func anyChunks(_ length: Int) throws {
    let text = Array(Lines.ftrace(Lines.all).utf8)
    var whole = TraceParser(file: "text")
    whole.append(text)
    whole.finish()
    var parts = TraceParser(file: "text")
    var start = 0
    while let expected = try whole.next() {
      var found = try parts.next()
      while found == nil, start < text.count {
        let end = min(start + length, text.count)
        parts.append(Array(text[start..<end]))
        start = end
        found = try parts.next()
      }
      #expect(found.map { "\($0)" } == "\(expected)")
      #expect(parts.scatter.iovas == whole.scatter.iovas)
    }
    parts.finish()
    #expect(try parts.next() == nil)
    #expect(parts.statistics == whole.statistics)
  }
}
