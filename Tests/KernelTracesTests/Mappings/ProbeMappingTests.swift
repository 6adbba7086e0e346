import KernelTraces
import Testing

@Suite("Mappings told by probes")
struct ProbeMappingTests {
  private func maps(_ trace: RecordedTrace) -> [RecordedMap] {
    trace.work.operations.compactMap { operation in
      if case .map(let map) = operation.kind { map } else { nil }
    }
  }

  private func map(_ page: String = "0x37200000040", size: String = "0x1000") -> String {
    "map: (f+0x0/0x1) page=\(page) off=0x0 size=\(size) dir=0x1"
  }

  private func mapReturn(_ iova: String) -> String { "mapret: (g <- f) dma=\(iova)" }

  private func refresh(_ address: String, _ size: String = "0x1000") -> String {
    "refresh: (r+0x0/0x1) fh=0x1 addr=\(address) range=\(size)"
  }

  private func unmap(_ iova: String, _ size: String = "0x1000") -> String {
    "unmap: (u+0x0/0x1) dma=\(iova) size=\(size)"
  }

  @Test("a call, its refresh and its return make one mapping, at the time of the call")
  func oneMapping() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(size: "0x8"), refresh("0x100000000"), mapReturn("0x100000000"),
        unmap("0x100000000", "0x8"),
      ]))
    let map = try #require(maps(trace).first)
    #expect((map.first, map.last) == (0x1_0000_0000, 0x1_0000_0007))
    #expect(map.pageCount == 1)
    #expect(map.direction == .toDevice)
    #expect(!map.isScatterGather)
    #expect(trace.work.segments(of: map).first?.physical == .pseudo(0x1000))
    #expect(trace.work.operations.map(\.time) == [1_000_000_000, 1_000_001_000, 1_000_003_000])
    #expect(trace.summary.maps == 1)
    #expect(trace.summary.unmaps == 1)
    #expect(trace.summary.mapInvalidations == 1)
    #expect(trace.summary.liveMappings == 0)
    #expect(trace.summary.livePagesMax == 1)
    #expect(trace.summary.durationNanoseconds == 3_000)
  }

  @Test("an interrupt's unmap inside a call comes after the call, in the order of their starts")
  func interrupted() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(), mapReturn("0x100000000"), map(), unmap("0x100000000"), refresh("0x100001000"),
        mapReturn("0x100001000"),
      ]))
    let kinds = trace.work.operations.map { operation in
      switch operation.kind {
      case .map(let map): "map \(map.mapping)"
      case .unmap(let mapping, _): "unmap \(mapping)"
      case .unmapPart(let mapping, _, _): "part of \(mapping)"
      case .invalidate: "invalidate"
      case .mark: "mark"
      }
    }
    #expect(kinds == ["map 0", "map 1", "unmap 0", "invalidate"])
  }

  @Test("calls of different threads pair with their own returns")
  func threads() throws {
    let text =
      Lines.ftrace(map(size: "0x1000"), at: 1, task: 5, cpu: 0)
      + Lines.ftrace(map(size: "0x3000"), at: 2, task: 6, cpu: 1)
      + Lines.ftrace(mapReturn("0x100001000"), at: 3, task: 6, cpu: 1)
      + Lines.ftrace(mapReturn("0x100000000"), at: 4, task: 5, cpu: 0)
    let trace = try Traces.read(text: text)
    #expect(maps(trace).map(\.pageCount) == [1, 3])
    #expect(trace.summary.processors == 2)
  }

  @Test("a list's segments come from the refreshes that follow")
  func list() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        "mapsg: (f+0x0/0x1) nents=3", refresh("0x100000000", "0x2000"), refresh("0x100008000"),
        map(), refresh("0x100009000"), mapReturn("0x100009000"),
        "unmapsg: (f+0x0/0x1) nents=3", unmap("0x100000000", "0x2000"), unmap("0x100008000"),
      ]))
    let list = try #require(maps(trace).first)
    #expect(list.isScatterGather)
    #expect(list.segmentCount == 2)
    #expect(!list.isContiguous)
    #expect(list.pageCount == 3)
    #expect(trace.summary.scatterGatherMaps == 1)
    #expect(trace.summary.maps == 2)
    #expect(trace.summary.unmaps == 1)
    #expect(trace.summary.partialUnmaps == 1)
    #expect(trace.summary.liveMappings == 1)
  }

  @Test("an address that is mapped again implies the unmap that was lost")
  func impliedUnmap() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(), mapReturn("0x100000000"), map(), refresh("0x100000000"), mapReturn("0x100000000"),
      ]))
    #expect(trace.summary.impliedUnmaps == 1)
    #expect(trace.summary.liveMappings == 1)
    guard case .unmap(0, .implied) = trace.work.operations[1].kind,
      case .map(let second) = trace.work.operations[2].kind
    else {
      Issue.record("\(trace.work.operations)")
      return
    }
    #expect(second.mapping == 1)
    expectConsistent(trace.work)
  }

  @Test("a call that gets the pages of an unmap inside it comes after the unmap")
  func overtaken() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(), mapReturn("0x100000000"), map(), unmap("0x100000000"), mapReturn("0x100000000"),
      ]))
    #expect(trace.summary.impliedUnmaps == 0)
    expectConsistent(trace.work)
    guard case .unmap(0, .recorded) = trace.work.operations[1].kind,
      case .map = trace.work.operations[2].kind
    else {
      Issue.record("\(trace.work.operations)")
      return
    }
    #expect(trace.work.operations[2].time == 1_000_004_000)
  }

  @Test("failed, lost and unpaired calls are counted and left out")
  func losses() throws {
    let failed = try Traces.read(text: Lines.ftrace([map(), mapReturn("0xffffffffffffffff")]))
    #expect(failed.summary.failedMaps == 1)
    #expect(failed.work.operations.isEmpty)
    let lost = try Traces.read(text: Lines.ftrace([map()]))
    #expect(lost.summary.lostMaps == 1)
    let lostReturn = try Traces.read(text: Lines.ftrace([map(), refresh("0x100000000")]))
    #expect(lostReturn.summary.lostReturns == 1)
    #expect(lostReturn.summary.maps == 1)
    let unpaired = try Traces.read(
      text: Lines.ftrace([refresh("0x100000000", "0x2000"), mapReturn("0x100000000")]))
    #expect(unpaired.summary.unpairedReturns == 1)
    #expect(unpaired.summary.mappedPages == 2)
    let unknown = try Traces.read(text: Lines.ftrace([unmap("0x100000000")]))
    #expect(unknown.summary.unknownUnmaps == 1)
    let nonsense = try Traces.read(text: Lines.ftrace([unmap("0xfffffffffffff000", "0x2000")]))
    #expect(nonsense.summary.nonsense == 1)
  }

  @Test("a refresh of all addresses ever mapped, larger than any mapping, is global")
  func global() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(), refresh("0x100000000"), mapReturn("0x100000000"), unmap("0x100000000"),
        map(), refresh("0x100000000", "0x10000000"), refresh("0x100001000"),
        mapReturn("0x100001000"),
      ]))
    #expect(trace.summary.globalInvalidations == 1)
    #expect(trace.summary.mapInvalidations == 2)
    #expect(trace.summary.apertureFirst == 0x1_0000_0000)
    #expect(trace.summary.apertureLast == 0x1_0fff_ffff)
  }

  @Test("a refresh of what was just unmapped is the unmap's")
  func unmapInvalidation() throws {
    let trace = try Traces.read(
      text: Lines.ftrace([
        map(), refresh("0x100000000"), mapReturn("0x100000000"), unmap("0x100000000"),
        refresh("0x100000000"),
      ]))
    #expect(trace.summary.mapInvalidations == 1)
    #expect(trace.summary.unmapInvalidations == 1)
  }

  @Test("time that runs backwards is moved and counted")
  func timeReversal() throws {
    let text =
      Lines.ftrace(map(), at: 5) + Lines.ftrace(mapReturn("0x100000000"), at: 6)
      + Lines.ftrace(unmap("0x100000000"), at: 2)
    let trace = try Traces.read(text: text)
    #expect(trace.summary.timeReversals == 1)
    expectConsistent(trace.work)
  }
}
