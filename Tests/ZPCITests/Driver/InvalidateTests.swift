import IOMMU
import Testing
import ZPCI

@Suite("Refreshing translations")
struct InvalidateTests {
  @Test("A range is one RPCIT of its pages; all is one of the registered aperture")
  func ranges() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    try function.enableTranslation(
      root: table, rootLevel: 2, aperture: pages(0x1_0000_0000, 64), on: cpu)
    let issued = machine.log.count
    try function.invalidate(pages(0x1_0000_2000, 3), on: cpu)
    try function.invalidateAll(on: cpu)
    #expect(
      machine.log(since: issued) == [
        .refresh(address: 0x1_0000_2000, byteCount: 0x3000),
        .refresh(address: 0x1_0000_0000, byteCount: 64 * 4096),
      ])
    let counters = function.refreshCounters
    #expect(counters.ranges == 1)
    #expect(counters.globals == 1)
    #expect(counters.failed == 0)
    #expect(counters.pages == 67)
    #expect(counters.executed == machine.with { $0.refreshes })
  }

  @Test("What lies outside the registered aperture is left out")
  func clipped() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    try function.enableTranslation(
      root: table, rootLevel: 2, aperture: pages(0x1_0000_0000, 2), on: cpu)
    let issued = machine.log.count
    try function.invalidate(pages(0x1_0000_1000, 5), on: cpu)
    try function.invalidate(pages(0x2_0000_0000, 5), on: cpu)
    #expect(
      machine.log(since: issued) == [.refresh(address: 0x1_0000_1000, byteCount: 0x1000)])
    #expect(function.refreshCounters.ranges == 1)
  }

  @Test("Without a table nothing is issued, because RPCIT would put the function into error")
  func withoutTable() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
    try function.invalidateAll(on: cpu)
    #expect(machine.with { $0.refreshesWithoutTable } == 0)
    #expect(function.refreshCounters.ranges + function.refreshCounters.globals == 0)
  }

  @Test(
    "Condition codes and statuses are errors by name, and counted",
    arguments: [
      (.error(4), .outOfResources, .enabled), (.error(16), .outOfResources, .enabled),
      (.error(8), .functionInError, .error), (.error(40), .functionInError, .error),
      (.error(12), .functionInError, .error), (.invalidHandle, .functionGone, .gone),
      (.error(28), .refused(conditionCode: 1, status: 28), .enabled),
    ] as [(InstructionResult, ControlError, FunctionState)])
  func refusals(result: InstructionResult, error: ControlError, state: FunctionState) throws {
    for all in [false, true] {
      let machine = FakeMachine()
      let function = try translating(machine)
      machine.fail(with: result)
      #expect(throws: error) {
        if all {
          try function.invalidateAll(on: cpu)
        } else {
          try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
        }
      }
      #expect(function.state == state)
      let counters = function.refreshCounters
      #expect(counters.failed == 1)
      #expect(counters.outOfResources == (error == .outOfResources ? 1 : 0))
      #expect(counters.executed == counters.outOfResources)
      // A function that reaches nothing is not asked again.
      let issued = machine.log.count
      if state != .enabled {
        #expect(throws: error) { try function.invalidateAll(on: cpu) }
        #expect(machine.log.count == issued)
      }
    }
  }

  @Test("Busy is attempted again up to the limit, and counted apart")
  func busy() throws {
    let machine = FakeMachine()
    let function = try translating(machine, busyRetryLimit: 4)
    machine.fail(with: .busy, count: 4)
    try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
    #expect(function.refreshCounters.busyAttempts == 4)
    #expect(function.refreshCounters.executed == 1)
    machine.fail(with: .busy, count: 5)
    #expect(throws: ControlError.refused(conditionCode: 2, status: 0)) {
      try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
    }
    #expect(function.refreshCounters.busyAttempts == 8)
    #expect(function.refreshCounters.failed == 1)
    #expect(function.refreshCounters.executed == machine.with { $0.refreshes })
  }

  @Test("The largest aperture is refreshed without a count that does not fit")
  func wholeSpace() throws {
    let machine = FakeMachine { state in
      state.query.dmaStart = 0
      state.query.dmaEnd = .max
      state.group.designationTypes = .init(rawValue: 0x70)
    }
    let function = try enabled(machine)
    try function.enableTranslation(
      root: table, rootLevel: 4, aperture: function.aperture, on: cpu)
    try function.invalidateAll(on: cpu)
    #expect(machine.log.last == .refresh(address: 0, byteCount: 0xffff_ffff_ffff_f000))
  }

  @Test("A table is not taken back while another processor is inside RPCIT")
  func underWay() async throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    machine.with { state in
      state.duringRefresh = { [machine] in
        // Long enough for the other processor to do what it must not; nothing ends it early but
        // that.
        for _ in 0..<100_000 where machine.log.contains(.modify(5)) { return }
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try function.invalidateAll(on: CPUIndex(0)) }
      group.addTask {
        while !machine.with({ $0.isInsideRefresh }) { await Task.yield() }
        try function.disableTranslation(on: CPUIndex(1))
      }
      try await group.waitForAll()
    }
    #expect(machine.with { $0.refreshesWithoutTable } == 0)
    #expect(function.state == .enabled)
    #expect(machine.log.last == .modify(5))
  }

  @Test("No refresh is issued without a table while another processor takes it away and back")
  func concurrent() async throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    let range = try pages(0x1_0000_0000, 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<2_000 {
          try function.disableTranslation(on: CPUIndex(0))
          try function.enableTranslation(
            root: table, rootLevel: 2, aperture: function.aperture, on: CPUIndex(0))
        }
      }
      group.addTask {
        for _ in 0..<20_000 { try function.invalidate(range, on: CPUIndex(1)) }
      }
      try await group.waitForAll()
    }
    #expect(machine.with { $0.refreshesWithoutTable } == 0)
    #expect(function.refreshCounters.executed == machine.with { $0.refreshes })
    #expect(function.state == .enabled)
  }
}
