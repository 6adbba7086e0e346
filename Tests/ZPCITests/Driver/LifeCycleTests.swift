import IOMMU
import Testing
import ZPCI

@Suite("A function's life")
struct LifeCycleTests {
  @Test("Transitions are those of the architecture's picture")
  func transitions() {
    let states: [FunctionState] = [.reserved, .standby, .configured, .enabled, .error, .gone]
    // Rows: from; columns: to, in the order above.
    let legal = ["110001", "111001", "111101", "111111", "111111", "000001"]
    for (row, from) in states.enumerated() {
      let row = states.map { from.canBecome($0) ? "1" : "0" }.joined() == legal[row]
      #expect(row, "from \(from)")
    }
  }

  @Test("Enabling and disabling change the handle, which instructions then use")
  func handles() throws {
    let machine = FakeMachine()
    let function = try find(machine)
    try function.enable(on: cpu)
    #expect(function.handle == FunctionHandle(0x8002_0000))
    #expect(function.state == .enabled)
    _ = try function.read32(bar: 0, offset: 0, on: cpu)
    try function.disable(on: cpu)
    #expect(function.handle == FunctionHandle(0x20000))
    #expect(function.state == .configured)
    try function.enable(on: cpu)
    #expect(function.state == .enabled)
  }

  @Test("What does not fit the state is refused without an instruction")
  func wrongState() throws {
    let machine = FakeMachine()
    let function = try find(machine)
    let issued = machine.log.count
    #expect(throws: ZPCIError.wrongState(.configured)) { try function.disable(on: cpu) }
    #expect(throws: PCIAccessError.refused(conditionCode: 3, status: 0)) {
      try function.read32(bar: 0, offset: 0, on: cpu)
    }
    #expect(throws: ControlError.refused(conditionCode: 3, status: 0)) {
      try function.enableTranslation(
        root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
    }
    #expect(machine.log.count == issued)
    #expect(function.state == .configured)
    try function.enable(on: cpu)
    #expect(throws: ZPCIError.wrongState(.enabled)) { try function.enable(on: cpu) }
    let standby = try find(FakeMachine { $0.isConfigured = false })
    #expect(throws: ZPCIError.wrongState(.standby)) { try standby.enable(on: cpu) }
    #expect(throws: ZPCIError.wrongState(.standby)) { try standby.readControls(on: cpu) }
  }

  @Test("A busy function is asked again, a bounded number of times")
  func busy() throws {
    let machine = FakeMachine()
    let function = try find(machine, busyRetryLimit: 3)
    machine.with { $0.setCodes = Array(repeating: .busy, count: 3) }
    try function.enable(on: cpu)
    machine.with { $0.setCodes = Array(repeating: .busy, count: 4) }
    #expect(throws: ZPCIError.busy(attempts: 4)) { try function.disable(on: cpu) }
    #expect(function.state == .enabled)
    #expect(machine.with { $0.setCodes.isEmpty })
  }

  @Test(
    "Refusals are errors by name, and only an invalid handle means gone",
    arguments: [
      (.invalidHandle, .functionGone, .gone), (.permanentError, .permanentError, .configured),
      (.recoveryPending, .callLogicalProcessor(.refused(.recoveryPending)), .configured),
      (
        .handleNotValidForOperation,
        .callLogicalProcessor(.refused(.handleNotValidForOperation)), .configured
      ),
    ] as [(CLPResponseCode, ZPCIError, FunctionState)])
  func refusals(code: CLPResponseCode, error: ZPCIError, state: FunctionState) throws {
    let machine = FakeMachine()
    let function = try find(machine)
    machine.with { $0.setCodes = [code] }
    #expect(throws: error) { try function.enable(on: cpu) }
    #expect(function.state == state)
  }

  @Test("A function that is disabled already is looked up and taken as disabled")
  func alreadyDisabled() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    machine.with { state in
      state.setCodes = [.alreadyInState]
      state.spoil = { block in
        // The list tells of a handle that is not enabled.
        if block.field(at: 2, width: 2) == 2 { block.setField(0x0102_0000, at: 76, width: 4) }
      }
    }
    try function.disable(on: cpu)
    #expect(function.state == .configured)
    #expect(function.handle == FunctionHandle(0x0102_0000))
    // Nothing is registered any more: no refresh is issued.
    let issued = machine.log.count
    try function.invalidateAll(on: cpu)
    #expect(machine.log.count == issued)
  }

  @Test("A handle that says the opposite is not taken up")
  func contradiction() throws {
    let machine = FakeMachine()
    let function = try find(machine)
    machine.with { $0.spoil = { $0.setField(0x20000, at: 48, width: 4) } }
    #expect(throws: ZPCIError.callLogicalProcessor(.handle(FunctionHandle(0x20000)))) {
      try function.enable(on: cpu)
    }
    #expect(function.state == .configured)
  }

  @Test("Recovery unblocks, drops what is cached, and resets, in this order")
  func recovery() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    machine.with { $0.fail() }
    #expect(try function.readControls(on: cpu).state == FunctionControlState(rawValue: 0xf0))
    #expect(function.state == .error)
    #expect(throws: ControlError.functionInError) {
      try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
    }
    let issued = machine.log.count
    try function.recover(on: cpu)
    #expect(function.state == .enabled)
    let whole = FakeMachine.Kind.refresh(
      address: 0x1_0000_0000, byteCount: 1 << 42 - 0x1_0000_0000)
    #expect(machine.log(since: issued) == [.storeControls, .modify(9), whole, .modify(7)])
    #expect(try function.readControls(on: cpu).state == FunctionControlState(rawValue: 0x90))
    try function.recover(on: cpu)
    #expect(machine.log(since: issued).count == 6)
  }

  @Test("Recovery that somebody else was first with still drops what is cached")
  func recoveredElsewhere() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    machine.with { $0.fail() }
    try function.readControls(on: cpu)
    machine.with { ($0.isError, $0.isBlocked) = (false, false) }
    try function.readControls(on: cpu)
    #expect(function.state == .error)
    let refreshes = machine.with { $0.refreshes }
    try function.recover(on: cpu)
    #expect(function.state == .enabled)
    #expect(machine.with { $0.refreshes } == refreshes + 1)
  }

  @Test("A recovery that fails leaves the function in error, to be tried again")
  func failedRecovery() throws {
    for step in 0..<4 {
      let machine = FakeMachine()
      let function = try translating(machine)
      machine.with { $0.fail() }
      try function.readControls(on: cpu)
      machine.with { $0.faults[$0.log.count + step] = .error(99) }
      #expect(throws: ZPCIError.refused(conditionCode: 1, status: 99)) {
        try function.recover(on: cpu)
      }
      #expect(function.state == .error)
      try function.recover(on: cpu)
      #expect(function.state == .enabled)
    }
  }

  @Test("A permanent error is told as such")
  func permanent() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    machine.with { $0.isPermanent = true }
    #expect(throws: ZPCIError.permanentError) { try function.recover(on: cpu) }
    #expect(function.state == .error)
  }

  @Test("Measurement names the block, and stopping names none")
  func measurement() throws {
    let machine = FakeMachine { $0.query.measurementWords = 32 }
    let function = try enabled(machine)
    #expect(function.measurementByteCount == 128)
    let memory = try #require(PhysicalRange(first: PhysicalAddress(0x8080), byteCount: 128))
    try function.startMeasurement(in: memory, on: cpu)
    #expect(machine.with { $0.controls.measurementBlock } == PhysicalAddress(0x8080))
    try function.stopMeasurement(on: cpu)
    #expect(machine.with { $0.controls.measurementBlock } == PhysicalAddress(0))
    machine.fail(with: .error(ModifyControlsStatus.resourceNotAvailable))
    #expect(throws: ZPCIError.refused(conditionCode: 1, status: 4)) {
      try function.startMeasurement(in: memory, on: cpu)
    }
    machine.with { $0.isGone = true }
    try function.stopMeasurement(on: cpu)
    #expect(function.state == .gone)
    #expect(throws: ZPCIError.functionGone) {
      try function.startMeasurement(in: memory, on: cpu)
    }
  }
}
