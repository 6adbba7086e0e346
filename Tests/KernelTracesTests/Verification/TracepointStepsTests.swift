import Testing

@testable import KernelTraces

@Suite("The steps of a kernel from its tracepoints and refreshes")
struct TracepointStepsTests {
  private static let base: UInt64 = 1 << 20
  private static let aperture = PageRun(first: base, pages: 256)

  private func map(_ page: UInt64, _ pages: UInt64 = 1) -> String {
    SyntheticLines.mapPages(Self.base + page, pages, buffer: page)
  }
  private func unmap(_ page: UInt64, _ pages: UInt64 = 1) -> String {
    SyntheticLines.unmapPages(Self.base + page, pages)
  }
  private func told(_ page: UInt64, _ pages: UInt64 = 1) -> String {
    SyntheticLines.refresh(Self.base + page, pages)
  }

  @Test("map lines that follow each other up to a refresh are one mapping")
  func lines() throws {
    let steps = try Steps.tracepoints([map(4, 2), map(6, 1), map(7, 3), told(4, 6)])
    #expect(steps.words == ["map 4+6 told"])
    #expect(steps.steps[0].buffer == 0x100_4000)
    #expect((steps.maps, steps.rangeRefreshes, steps.lostRefreshes) == (3, 1, 0))
  }

  @Test("a map line elsewhere begins another mapping, whose predecessor's refresh is lost")
  func apart() throws {
    let steps = try Steps.tracepoints([map(4), map(9), told(9), map(2)])
    #expect(steps.words == ["map 4+1", "map 9+1 told", "map 2+1"])
    #expect(steps.lostRefreshes == 2)
  }

  @Test("an interrupt's unmap between a map and its refresh has its own refresh")
  func interrupted() throws {
    let steps = try Steps.tracepoints([map(4), unmap(9), told(9), told(4)])
    #expect(steps.words == ["map 4+1 told", "unmap 9+1 told"])
  }

  @Test("a refresh that was announced by nothing is a stray one")
  func stray() throws {
    let steps = try Steps.tracepoints([map(4), told(4), told(4), unmap(4), told(5)])
    #expect(steps.words == ["map 4+1 told", "stray 4+1", "unmap 4+1", "stray 5+1"])
  }

  @Test("a refresh of other pages than were mapped stays with its map, and differs")
  func other() throws {
    let steps = try Steps.tracepoints([map(4), told(4, 2)])
    #expect(steps.words == ["map 4+1 told"])
    #expect(steps.steps[0].refreshed?.pages == 2)
  }

  @Test("a refresh of the aperture is one of everything, in whatever it falls")
  func all() throws {
    let steps = try Steps.tracepoints(
      [map(4), told(0, 256), told(4), unmap(4), told(0, 256)], aperture: Self.aperture)
    #expect(steps.words == ["map 4+1 told", "all", "unmap 4+1", "all"])
    #expect(steps.globalRefreshes == 2)
  }

  @Test("addresses past the top and ranges without a byte are left out")
  func nonsense() throws {
    let steps = try Steps.tracepoints([
      "refresh: (r+0x0/0x1) fh=0x1 addr=0xfffffffffffff000 range=0x2000",
      "refresh: (r+0x0/0x1) fh=0x1 addr=0x1000 range=0x0",
      "refresh: (r+0x0/0x1) fh=0x1 addr=0x0 range=0xffffffffffffffff",
    ])
    #expect(steps.steps.count <= 1)
  }
}

@Suite("What tells a refresh of everything")
struct GlobalRefreshRuleTests {
  private func aperture(_ bodies: [String]) throws -> PageRun? {
    var rule = GlobalRefreshRule()
    for event in try Lines.events(Lines.ftrace(bodies)) { rule.note(event) }
    return rule.aperture
  }

  private let base: UInt64 = 1 << 20

  @Test("is the widest one that covers all addresses and is wider than any mapping")
  func widest() throws {
    let bodies = [
      SyntheticLines.mapPages(base + 200, 8, buffer: 0), SyntheticLines.refresh(base + 200, 8),
      SyntheticLines.refresh(base, 256), SyntheticLines.unmapPages(base + 200, 8),
    ]
    #expect(try aperture(bodies) == PageRun(first: base, pages: 256))
  }

  @Test("is none where it leaves out an address, or is a mapping's own")
  func none() throws {
    let outside = [
      SyntheticLines.mapPages(base + 300, 1, buffer: 0), SyntheticLines.refresh(base, 256),
    ]
    #expect(try aperture(outside) == nil)
    let own = [SyntheticLines.mapPages(base, 64, buffer: 0), SyntheticLines.refresh(base, 64)]
    #expect(try aperture(own + [SyntheticLines.unmapPages(base, 64)]) == nil)
    #expect(try aperture([SyntheticLines.refresh(base, 64)]) == nil)
  }
}
