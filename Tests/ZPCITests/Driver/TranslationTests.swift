import IOMMU
import Testing
import ZPCI

@Suite("Registering tables")
struct TranslationTests {
  @Test("The table is registered with its designation and the aperture's limits")
  func register() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    try function.enableTranslation(
      root: PhysicalAddress(0x7_c000), rootLevel: 2, aperture: pages(0x1_0000_0000, 16), on: cpu)
    let controls = machine.with { $0.controls }
    #expect(controls.designation.rawValue == 0x7_c804)
    #expect(controls.baseAddress == 0x1_0000_0000)
    #expect(controls.addressLimit == 0x1_0000_ffff)
    #expect(machine.with { $0.isTranslating })
  }

  @Test("What machine or table cannot do is refused without an instruction")
  func unsupported() throws {
    let machine = FakeMachine { $0.group.designationTypes = .init(rawValue: 0x60) }
    let function = try enabled(machine)
    let issued = machine.log.count
    let good = try pages(0x1_0000_0000, 1)
    let aboveLevel2 = try pages(1 << 42, 1)
    for (level, range) in [
      (1, good), (4, good), (0, good), (5, good), (2, aboveLevel2),
      (2, try pages(0xffff_f000, 2)), (3, try pages(1 << 53, 1)),
    ] {
      #expect(throws: ControlError.unsupported) {
        try function.enableTranslation(root: table, rootLevel: level, aperture: range, on: cpu)
      }
    }
    #expect(throws: ControlError.unsupported) { try function.enableIdentity(on: cpu) }
    #expect(machine.log.count == issued)
    try function.enableTranslation(root: table, rootLevel: 3, aperture: aboveLevel2, on: cpu)
  }

  @Test("Registering twice is refused, and the first registration stays")
  func twice() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    #expect(throws: ControlError.alreadyEnabled) {
      try function.enableTranslation(
        root: PhysicalAddress(0x8000), rootLevel: 2, aperture: function.aperture, on: cpu)
    }
    #expect(machine.with { $0.controls.designation.root } == table)
    try function.invalidateAll(on: cpu)
    #expect(machine.with { $0.refreshes } == 1)
    // A registration that the driver knows nothing of, such as one of an earlier system.
    let other = FakeMachine { $0.isTranslating = true }
    let second = try enabled(other)
    #expect(throws: ControlError.alreadyEnabled) {
      try second.enableTranslation(
        root: table, rootLevel: 2, aperture: second.aperture, on: cpu)
    }
    try second.disableTranslation(on: cpu)
    #expect(!other.with { $0.isTranslating })
  }

  @Test("Identity covers the machine's whole range, where the group allows it")
  func identity() throws {
    let machine = FakeMachine {
      $0.group.flags = .refreshRequired.union(.relaxedTranslation)
    }
    let function = try enabled(machine)
    try function.enableIdentity(on: cpu)
    let controls = machine.with { $0.controls }
    #expect(controls.designation == .untranslated)
    #expect(controls.baseAddress == 0x1_0000_0000)
    #expect(controls.addressLimit == 0x1ff_ffff_ffff_ffff)
    #expect(function.identityOffset == 0x1_0000_0000)
    // There is nothing to refresh, and no instruction for it.
    let issued = machine.log.count
    try function.invalidateAll(on: cpu)
    try function.invalidate(pages(0x1_0000_0000, 1), on: cpu)
    #expect(machine.log.count == issued)
    try function.disableTranslation(on: cpu)
    #expect(!machine.with { $0.isTranslating })
  }

  @Test(
    "Refused registrations are errors by name, and nothing is registered",
    arguments: [
      (.error(4), .outOfResources), (.error(16), .outOfResources), (.error(24), .alreadyEnabled),
      (.error(28), .refused(conditionCode: 1, status: 28)), (.error(40), .functionInError),
      (.error(8), .functionInError), (.invalidHandle, .functionGone),
    ] as [(InstructionResult, ControlError)])
  func refusals(result: InstructionResult, error: ControlError) throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    machine.fail(with: result)
    #expect(throws: error) {
      try function.enableTranslation(
        root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
    }
    let issued = machine.log.count
    try function.invalidateAll(on: cpu)
    #expect(machine.log.count == issued)
    #expect(
      function.state
        == (error == .functionGone ? .gone : error == .functionInError ? .error : .enabled))
  }

  @Test(
    "Taking the table back is a success wherever the function is blocked or gone afterwards",
    arguments: [.success, .error(24), .error(40), .error(8), .error(12), .invalidHandle]
      as [InstructionResult])
  func blocked(result: InstructionResult) throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    if result != .success { machine.fail(with: result) }
    try function.disableTranslation(on: cpu)
    let issued = machine.log.count
    try function.invalidateAll(on: cpu)
    #expect(machine.log.count == issued)
  }

  @Test("A refusal to take the table back leaves the function translating")
  func notBlocked() throws {
    let machine = FakeMachine()
    let function = try translating(machine, busyRetryLimit: 2)
    machine.fail(with: .busy, count: 3)
    #expect(throws: ControlError.refused(conditionCode: 2, status: 0)) {
      try function.disableTranslation(on: cpu)
    }
    machine.fail(with: .error(28))
    #expect(throws: ControlError.refused(conditionCode: 1, status: 28)) {
      try function.disableTranslation(on: cpu)
    }
    try function.invalidateAll(on: cpu)
    #expect(machine.with { $0.refreshes } == 1)
  }

  @Test("A table that error state kept is taken back before recovery lets DMA through")
  func owed() throws {
    let machine = FakeMachine { $0.refusesDeregistrationInError = true }
    let function = try translating(machine)
    machine.with { $0.fail() }
    try function.disableTranslation(on: cpu)
    #expect(machine.with { $0.isTranslating })
    let issued = machine.log.count
    try function.recover(on: cpu)
    #expect(
      machine.log(since: issued) == [.storeControls, .modify(9), .modify(5), .modify(7)])
    #expect(!machine.with { $0.isTranslating })
    try function.enableTranslation(
      root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
  }

  @Test("A table that error state kept is taken back before another is registered")
  func owedThenRegistered() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    // The refusal alone, without the error state that goes with it; another processor resets.
    machine.fail(with: .error(40))
    try function.disableTranslation(on: cpu)
    machine.with { $0.fail() }
    machine.with { ($0.isError, $0.isBlocked) = (false, false) }
    let issued = machine.log.count
    #expect(throws: ControlError.functionInError) {
      try function.enableTranslation(
        root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
    }
    #expect(machine.log.count == issued)
    try function.recover(on: cpu)
    try function.enableTranslation(
      root: PhysicalAddress(0x8000), rootLevel: 2, aperture: function.aperture, on: cpu)
    #expect(machine.with { $0.controls.designation.root } == PhysicalAddress(0x8000))
  }

  @Test("Disabling the function drops its table")
  func disableFunction() throws {
    let machine = FakeMachine()
    let function = try translating(machine)
    try function.disable(on: cpu)
    try function.disableTranslation(on: cpu)
    try function.invalidateAll(on: cpu)
    #expect(machine.with { $0.refreshes } == 0)
    #expect(function.state == .configured)
  }
}
