import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Functions that leave and are found anew, errors that outlive a change of domain, domains that
/// come and go.
struct ReconfigurationTests {
  private static let kinds = [TranslationKind.shadowed, .direct]

  @Test(arguments: kinds) func aReconfiguredFunctionIsFoundAnewWithAHandleOfItsOwn(
    _ kind: TranslationKind
  ) throws {
    let rig = try LifeCycleRig(kind)
    try rig.start()
    let old = rig.functions[0].handle
    rig.machine.deconfigure(0)
    rig.machine.configure(0)
    // Nobody was told: the next change of domain meets an invalid handle.
    try rig.group!.replace(with: rig.other!, on: .boot)
    #expect(rig.devices[0].state == .pending && rig.devices[1].state == .attached)
    #expect(throws: AttachError.control(.functionGone)) {
      try rig.group!.recover(rig.devices[0], on: .boot)
    }
    #expect(rig.devices[0].state == .gone)
    rig.group!.release(rig.devices[0], on: .boot)
    let bus = ZPCIBus(instructions: rig.machine)
    let entry = try #require(try bus.find(functionID: 1, on: .boot))
    let function = try bus.function(entry, on: .boot)
    try function.enable(on: .boot)
    #expect(function.handle != old)
    let device = DMADevice(control: function)
    try rig.group!.add(device, on: .boot)
    #expect(device.state == .attached && rig.other!.deviceCount == 2)
    rig.group!.release(device, on: .boot)
    rig.finish("reconfigured")
  }

  @Test(arguments: kinds) func aFunctionInErrorComesUpInTheNewDomain(
    _ kind: TranslationKind
  ) throws {
    for isReset in [false, true] {
      let rig = try LifeCycleRig(kind)
      try rig.start()
      rig.machine.failFunction(0, code: .serviceAction)
      try rig.group!.replace(with: rig.other!, on: .boot)
      rig.checkers.expectNothingReachable(where: [true, false])
      // There are tables to take up, which a function in error cannot.
      try rig.group!.replace(with: rig.main!, on: .boot)
      #expect(rig.devices[0].state == .pending && rig.main!.pendingCount == 1)
      // Mapped while the function is in error: it takes it up when it comes back.
      try rig.hold()
      if isReset {
        try rig.group!.reset(rig.devices[0], on: .boot)
      } else {
        try rig.group!.recover(rig.devices[0], on: .boot)
      }
      #expect(rig.devices[0].state == .attached && rig.main!.deviceCount == 2)
      #expect(rig.machine.condition(of: 0) == .enabled)
      rig.expectConsistent("in error")
      rig.finish("in error")
    }
  }

  @Test func aPermanentErrorIsEndedByDeconfiguringAlone() throws {
    let rig = try LifeCycleRig(.shadowed)
    try rig.start()
    rig.machine.failFunction(0, code: .permanent)
    for _ in 0..<2 {
      #expect(throws: AttachError.self) { try rig.group!.reset(rig.devices[0], on: .boot) }
      #expect(throws: AttachError.self) { try rig.group!.recover(rig.devices[0], on: .boot) }
    }
    #expect(!rig.devices[0].state.mayReach)
    rig.expectConsistent("permanent")
    rig.finish("permanent")
  }

  @Test func aTakenFunctionCannotBeChangedBehindItsGroup() throws {
    let rig = try LifeCycleRig(.shadowed)
    try rig.start()
    #expect(throws: ZPCIError.taken) { try rig.functions[0].disable(on: .boot) }
    #expect(throws: ZPCIError.taken) { try rig.functions[0].recover(on: .boot) }
    rig.group!.release(rig.devices[0], on: .boot)
    try rig.functions[0].disable(on: .boot)
    rig.finish("taken")
  }

  @Test(arguments: kinds) func tablesOfSeveralDomainsOverTimeComeBack(
    _ kind: TranslationKind
  ) throws {
    let rig = try LifeCycleRig(kind)
    try rig.start()
    let before = rig.machine.memory.tableBytesInUse
    for round in 0..<40 {
      let domain = try LifeCycleRig.Domain(
        scheme: StrictScheme(allocator: rig.machine.aperture.tree), memory: rig.machine.memory,
        timer: MachineTimer(machine: rig.machine), observer: rig.checkers,
        options: PagingDomainOptions())
      let owner = try rig.group!.claim(on: .boot)
      try owner.attach(domain, on: .boot)
      if round % 2 == 0 { owner.detach(on: .boot) }
      try owner.giveBack(on: .boot)
    }
    #expect(rig.machine.memory.tableBytesInUse == before)
    rig.finish("several domains")
  }
}
