import Testing

@testable import KernelTraces

/// Found by fuzzing: the end of a mapping is inserted before a list that is still being told.
@Suite struct PartOrderTests {
  @Test("No part of a mapping is told after the mapping's end")
  func order() throws {
    let text = """
      a-1 [000] .....     1.000001: map: (f+0x0/0x8) page=0x40 off=0x0 size=0x2000 dir=0x2
      a-1 [000] .....     1.000002: refresh: (g+0x0/0x8) fh=0x0 addr=0x100000000 range=0x2000
      a-1 [000] .....     1.000003: mapret: (f+0x0/0x8) dma=0x100000000
      b-2 [000] .....     1.000004: mapsg: (f+0x0/0x8) nents=2
      b-2 [000] .....     1.000005: refresh: (g+0x0/0x8) fh=0x0 addr=0x100010000 range=0x1000
      a-1 [000] .....     1.000006: unmap: (f+0x0/0x8) dma=0x100000000 size=0x1000
      b-2 [000] .....     1.000007: refresh: (g+0x0/0x8) fh=0x0 addr=0x100001000 range=0x1000

      """
    var parser = TraceParser(file: "part.ftrace")
    parser.append(Array(text.utf8))
    parser.finish()
    var mappings = RecordedMappings()
    var work = RecordedWork()
    while let event = try parser.next() { mappings.consume(event, from: parser, into: &work) }
    mappings.finish(into: &work)
    var ended: Set<UInt64> = []
    for operation in work.operations {
      switch operation.kind {
      case .unmap(let mapping, _): ended.insert(mapping)
      case .unmapPart(let mapping, _, _): #expect(!ended.contains(mapping))
      case .map, .invalidate, .mark: break
      }
    }
    #expect(mappings.summary.maps == 2)
    #expect(mappings.summary.impliedUnmaps == 1 && ended.count == 1)
  }
}
