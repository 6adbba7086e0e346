import IOMMU
import Testing
import ZPCI

@Suite("Finding functions")
struct BusTests {
  @Test("All functions are listed over several blocks, those without a vendor left out")
  func resume() throws {
    let machine = FakeMachine { state in
      state.entriesPerBlock = 3
      state.others = (10..<20 as Range<UInt32>).map { number in
        var entry = FunctionListEntry(functionID: number, handle: FunctionHandle(number))
        entry.vendorID = number == 13 ? 0 : 1
        return entry
      }
    }
    var found: [UInt32] = []
    try ZPCIBus(instructions: machine).enumerate(on: cpu) { entry in
      found.append(entry.functionID)
      return true
    }
    #expect(found == [10, 11, 12, 14, 15, 16, 17, 18, 19, 1])
    #expect(machine.log == [FakeMachine.Kind](repeating: .clp(.listFunctions), count: 4))
  }

  @Test("Listing ends where the caller wants it to")
  func early() throws {
    let machine = FakeMachine { state in
      state.entriesPerBlock = 1
      state.others = [FunctionListEntry(functionID: 9, handle: FunctionHandle(9))]
      state.others[0].vendorID = 1
    }
    let bus = ZPCIBus(instructions: machine)
    #expect(try bus.find(functionID: 9, on: cpu)?.handle == FunctionHandle(9))
    #expect(machine.log.count == 1)
    #expect(try bus.find(functionID: 5, on: cpu) == nil)
  }

  @Test("A list that stands still or goes in circles is an error, not a hang")
  func endless() {
    let machine = FakeMachine { state in
      state.others = (10..<310 as Range<UInt32>).map {
        FunctionListEntry(functionID: $0, handle: FunctionHandle($0))
      }
      // Whatever was listed, the rest begins at 1: 252 entries each time.
      state.spoil = { $0.setField(1, at: 48, width: 8) }
    }
    let bus = ZPCIBus(instructions: machine)
    #expect(throws: CLPError.listDoesNotEnd(entries: 65_772)) {
      try bus.enumerate(on: cpu) { _ in true }
    }
    machine.with { state in
      state.spoil = { block in
        CLPRefusal(.success).write(into: &block)
        ListResponse(count: 0, resumeToken: 9).write(into: &block)
      }
    }
    #expect(throws: CLPError.listDoesNotEnd(entries: 0)) {
      try bus.enumerate(on: cpu) { _ in true }
    }
  }

  @Test("The driver's object knows what the two queries told")
  func discovery() throws {
    let machine = FakeMachine { state in
      state.query.type = .internalSharedMemory
      state.group.flags = .refreshRequired
    }
    let function = try find(machine, trust: .untrusted)
    #expect(function.state == .configured)
    #expect(function.handle == FunctionHandle(0x20000))
    #expect(function.functionID == 1)
    #expect(function.requiresMapSideInvalidation)
    #expect(!function.allowsDeferredInvalidation)
    #expect(!function.isTrusted)
    #expect(
      machine.log == [.clp(.listFunctions), .clp(.queryFunction), .clp(.queryGroup)])
    let other = try find(FakeMachine { $0.group.flags = .largeFrames })
    #expect(!other.requiresMapSideInvalidation)
    #expect(other.allowsDeferredInvalidation)
    #expect(other.isTrusted)
  }

  @Test("The state at first is the list's")
  func initialState() throws {
    #expect(try find(FakeMachine { $0.isConfigured = false }).state == .standby)
    #expect(
      try find(FakeMachine { $0.handle = FunctionHandle(0x8002_0000) }).state == .enabled)
  }

  @Test(
    "The aperture is whole pages of the machine's range, up to the top of the tables it takes",
    arguments: [
      (0x1_0000_0000, 0x1ff_ffff_ffff_ffff, 0x40, 0x1_0000_0000, 0x3ff_ffff_ffff),
      (0x1_0000_0000, 0x1ff_ffff_ffff_ffff, 0x60, 0x1_0000_0000, 0x1f_ffff_ffff_ffff),
      (0x1_0000_0000, 0x1ff_ffff_ffff_ffff, 0x70, 0x1_0000_0000, 0x1ff_ffff_ffff_ffff),
      (0x1, 0x2ffe, 0x40, 0x1000, 0x1fff),
      (0x1001, 0x1ffe, 0x40, 0x1000, 0x1fff),
      (0, 5, 0x40, 0, 0xfff),
      (0, .max, 0x70, 0, 0xffff_ffff_ffff_efff),
      (.max, .max, 0x70, 0xffff_ffff_ffff_f000, .max),
    ] as [(UInt64, UInt64, UInt8, UInt64, UInt64)])
  func aperture(
    start: UInt64, end: UInt64, types: UInt8, first: UInt64, last: UInt64
  ) throws {
    let function = try find(
      FakeMachine { state in
        state.query.dmaStart = start
        state.query.dmaEnd = end
        state.group.designationTypes = .init(rawValue: types)
      })
    #expect(function.aperture.first == IOVA(first))
    #expect(function.aperture.last == IOVA(last))
  }

  @Test("A command that does not run is an error, busy only after the last attempt")
  func conditionCodes() throws {
    let machine = FakeMachine()
    let bus = ZPCIBus(instructions: machine, busyRetryLimit: 3)
    machine.fail(with: .busy, count: 3)
    #expect(try bus.find(functionID: 1, on: cpu) != nil)
    #expect(machine.log.count == 4)
    machine.fail(with: .busy, count: 4)
    #expect(throws: CLPError.conditionCode(2)) { try bus.find(functionID: 1, on: cpu) }
    #expect(machine.log.count == 8)
    machine.fail(with: .invalidHandle)
    #expect(throws: CLPError.conditionCode(3)) { try bus.query(FunctionHandle(1), on: cpu) }
    #expect(throws: CLPError.refused(.unknownGroup)) { try bus.queryGroup(1, on: cpu) }
    #expect(throws: CLPError.refused(.invalidHandle)) {
      try bus.query(FunctionHandle(1), on: cpu)
    }
  }
}
