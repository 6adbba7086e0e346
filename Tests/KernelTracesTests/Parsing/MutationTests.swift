import KernelTraces
import TestSupport
import Testing

@Suite("Damaged input")
struct MutationTests {
  @Test("200000 random changes of real lines never trap, and mappings stay consistent")
  func mutations() {
    var random = SplitMix64(seed: 0x7ace)
    let lines = Lines.all.map { Array(Lines.ftrace($0).utf8) }
    let pieces = Array(
      "0x - ={},:[]()#-\n\0 \u{ff}99999999999999999999ffffffffffffffffmap:refresh".utf8)
    for _ in 0..<200 {
      var parser = TraceParser(file: "text", onMalformedLine: .countAndContinue)
      var mappings = RecordedMappings()
      var work = RecordedWork()
      parser.append(lines[0])
      for _ in 0..<1_000 {
        var line = lines[Int.random(in: 0..<lines.count, using: &random)]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          mutate(&line, with: pieces, using: &random)
        }
        parser.append(line)
        drain(&parser, &mappings, &work)
      }
      parser.finish()
      drain(&parser, &mappings, &work)
      mappings.finish(into: &work)
      expectConsistent(work)
    }
  }

  private func drain(
    _ parser: inout TraceParser, _ mappings: inout RecordedMappings, _ work: inout RecordedWork
  ) {
    do throws(TraceError) {
      while let event = try parser.next() { mappings.consume(event, from: parser, into: &work) }
    } catch {
      // The policy passes over malformed lines, and the first line is an event.
      Issue.record("\(error)")
    }
  }

  private func mutate(
    _ line: inout [UInt8], with pieces: [UInt8], using random: inout SplitMix64
  ) {
    if line.isEmpty { return }
    let place = Int.random(in: 0..<line.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: line[place] = UInt8.random(in: 0...255, using: &random)
    case 1: line.remove(at: place)
    case 2: line.insert(pieces[Int.random(in: 0..<pieces.count, using: &random)], at: place)
    case 3: line.removeSubrange(place...)
    case 4:
      let start = Int.random(in: 0..<pieces.count, using: &random)
      line.insert(contentsOf: pieces[start...].prefix(20), at: place)
    case 5: line[place] = UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &random)
    default:
      let end = Int.random(in: place..<line.count, using: &random)
      line.insert(contentsOf: line[place..<end], at: place)
    }
  }
}
