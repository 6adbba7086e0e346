import Testing

@testable import KernelTraces

/// The steps of a text, by the reader that its lines call for.
enum Steps {
  static func probes(_ bodies: [String], aperture: PageRun? = nil) throws -> KernelSteps {
    try read(ProbeSteps(aperture: aperture), Lines.ftrace(bodies))
  }

  static func tracepoints(_ bodies: [String], aperture: PageRun? = nil) throws -> KernelSteps {
    try read(TracepointSteps(aperture: aperture), Lines.ftrace(bodies))
  }

  static func read(_ reader: some StepReader, _ text: String) throws -> KernelSteps {
    var reader = reader
    for event in try Lines.events(text) { reader.consume(event) }
    reader.finish()
    return reader.result
  }
}

extension KernelSteps {
  /// The steps in words: kind, first page from 4 GiB on, pages, refreshed or not.
  var words: [String] {
    steps.filter { $0.pages > 0 }.map { step in
      let place = "\(Int(step.first) - 1 << 20)+\(step.pages)"
      return switch step.kind {
      case .allocate: "map \(place)" + (step.refreshed == nil ? "" : " told")
      case .free: "unmap \(place)" + (step.refreshed == nil ? "" : " told")
      case .refreshAll: "all"
      case .refreshUnexplained: "stray \(place)"
      }
    }
  }
}

@Suite("The steps of a kernel from its probes")
struct ProbeStepsTests {
  private static let base: UInt64 = 1 << 20
  private static let aperture = PageRun(first: base, pages: 256)
  private typealias Line = SyntheticLines

  private func map(_ buffer: UInt64, _ pages: UInt64 = 1) -> String {
    Line.mapCall(buffer, pages)
  }
  private func told(_ page: UInt64, _ pages: UInt64 = 1) -> String {
    Line.refresh(Self.base + page, pages)
  }
  private func done(_ page: UInt64) -> String { Line.mapReturn(Self.base + page) }
  private func unmap(_ page: UInt64, _ pages: UInt64 = 1) -> String {
    Line.unmapCall(Self.base + page, pages)
  }
  private var list: String { "mapsg: (s390_dma_map_sg+0x0/0x220) nents=2" }

  @Test("a call, its refresh and its return are one step, with the buffer")
  func one() throws {
    let steps = try Steps.probes([map(7, 3), told(0, 3), done(0)])
    #expect(steps.words == ["map 0+3 told"])
    #expect(steps.steps[0].buffer == (0x372_0000_0000 / 64 + 7) * 4_096)
    #expect((steps.maps, steps.rangeRefreshes, steps.lostReturns) == (1, 1, 0))
  }

  @Test("a list is as many steps as it has refreshes, and has no return")
  func lists() throws {
    let steps = try Steps.probes([
      list, told(0, 2), told(2, 5), unmap(0, 2), map(1), told(7), done(7),
    ])
    #expect(steps.words == ["map 0+2 told", "map 2+5 told", "unmap 0+2", "map 7+1 told"])
    #expect(steps.lostReturns + steps.lostCalls + steps.lostRefreshes == 0)
  }

  @Test("an unmap's refresh belongs to it, also where another unmap came between")
  func nested() throws {
    let steps = try Steps.probes([unmap(0), unmap(1), told(1), told(0)])
    #expect(steps.words == ["unmap 1+1 told", "unmap 0+1 told"])
  }

  @Test("an unmap in a call's midst leaves the call whole")
  func interrupted() throws {
    let steps = try Steps.probes([map(0), unmap(9), told(9), told(0), done(0)])
    #expect(steps.words == ["unmap 9+1 told", "map 0+1 told"])
    #expect(steps.lostCalls == 0)
  }

  @Test("a refresh of other pages than were unmapped is the unmap's, and differs")
  func otherPages() throws {
    let steps = try Steps.probes([unmap(4, 2), told(4, 1)])
    #expect(steps.words == ["unmap 4+2 told"])
    #expect(steps.steps.last?.refreshed == PageRun(first: Self.base + 4, pages: 1))
    #expect(steps.lostCalls == 0)
  }

  @Test("a lost return, a lost refresh and a refused call are counted as such")
  func lost() throws {
    let noReturn = try Steps.probes([map(0), told(0), map(1), told(1), done(1)])
    #expect((noReturn.lostReturns, noReturn.lostRefreshes, noReturn.lostCalls) == (1, 0, 0))
    #expect(noReturn.words == ["map 0+1 told", "map 1+1 told"])
    let noRefresh = try Steps.probes([map(0), done(0)])
    #expect((noRefresh.lostReturns, noRefresh.lostRefreshes, noRefresh.lostCalls) == (0, 1, 0))
    #expect(noRefresh.words == ["map 0+1"])
    let refused = try Steps.probes([map(0), "mapret: (f <- g) dma=0xffffffffffffffff"])
    #expect((refused.failedMaps, refused.lostRefreshes) == (1, 0))
    #expect(refused.words.isEmpty)
  }

  @Test("a lost call is counted once, and the mapping is known to be inferred")
  func lostCall() throws {
    let steps = try Steps.probes([told(0), done(0), map(1), told(1), done(1)])
    #expect(steps.words == ["map 0+1 told", "map 1+1 told"])
    #expect((steps.lostCalls, steps.lostReturns, steps.lostRefreshes) == (1, 0, 0))
    #expect(steps.steps.map(\.isInferred) == [true, false])
  }

  @Test("a lost call to map a list is one event, however many refreshes tell it")
  func lostList() throws {
    let steps = try Steps.probes([told(0, 2), told(2, 3), map(1), told(5), done(5)])
    #expect(steps.words == ["map 0+2 told", "map 2+3 told", "map 5+1 told"])
    #expect((steps.lostCalls, steps.lostReturns) == (1, 0))
  }

  @Test("a refresh of everything inside a call comes before the call's addresses")
  func wrap() throws {
    let steps = try Steps.probes(
      [map(0), told(0, 256), told(3), done(3), list, told(0, 256), told(4, 2), told(6)],
      aperture: Self.aperture)
    #expect(steps.words == ["all", "map 3+1 told", "all", "map 4+2 told", "map 6+1 told"])
    #expect((steps.globalRefreshes, steps.rangeRefreshes) == (2, 3))
  }

  @Test("a wrap whose range refresh is lost keeps the address that was returned")
  func wrapLost() throws {
    let steps = try Steps.probes([map(0), told(0, 256), done(3)], aperture: Self.aperture)
    #expect(steps.words == ["all", "map 3+1"])
    #expect(steps.lostRefreshes == 1)
  }

  @Test("an address that was returned and not refreshed stands, so that the refresh differs")
  func returned() throws {
    let steps = try Steps.probes([map(0), told(0), done(1)])
    #expect(steps.words == ["map 1+1 told"])
    #expect(steps.steps[0].refreshed == PageRun(first: Self.base, pages: 1))
  }

  @Test("two threads' calls do not mix")
  func threads() throws {
    let text =
      Lines.ftrace(map(0), at: 1, task: 5) + Lines.ftrace(map(1, 2), at: 2, task: 6, cpu: 1)
      + Lines.ftrace(told(0, 2), at: 3, task: 6, cpu: 1) + Lines.ftrace(told(2), at: 4, task: 5)
      + Lines.ftrace(done(2), at: 5, task: 5) + Lines.ftrace(done(0), at: 6, task: 6, cpu: 1)
    let steps = try Steps.read(ProbeSteps(aperture: nil), text)
    #expect(steps.words == ["map 0+2 told", "map 2+1 told"])
    #expect(steps.cpus == 2)
    #expect(steps.lostCalls + steps.lostReturns == 0)
  }
}
