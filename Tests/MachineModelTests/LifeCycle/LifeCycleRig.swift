import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Two functions in one group, two domains, a user-space owner's domain, and all checkers.
///
/// The checkers compare one domain's mappings with what devices reach; the others' are told of
/// registrations, conditions and tables alone.
final class LifeCycleRig {
  typealias Domain = PagingDomain<ModelPlatform, StrictScheme<TreeAllocator>>
  typealias Function = ZPCIFunction<Machine>

  let machine: Machine
  let functions: [Function]
  let devices: [DMADevice<Function>]
  let checkers: CheckerSuite
  private(set) var group: DeviceGroup<Function>?
  private(set) var main: Domain?
  private(set) var other: Domain?
  private var held: [HeldMapping] = []

  /// Functions enabled and probed, the group empty in its default domain.
  init(_ kind: TranslationKind, faults: FaultPlan = FaultPlan()) throws {
    machine = try Machine(Rig.small(kind), seed: 1, faults: faults)
    for _ in 0..<2 { machine.plug(TransferDevice()) }
    let bus = ZPCIBus(instructions: machine, busyRetryLimit: 3)
    functions = try (1...2 as ClosedRange<UInt32>).map { number in
      let entry = try #require(try bus.find(functionID: number, on: .boot))
      let function = try bus.function(entry, on: .boot)
      try function.enable(on: .boot)
      return function
    }
    devices = functions.map { DMADevice(control: $0) }
    checkers = CheckerSuite(
      aperture: machine.aperture, functions: [0, 1], promise: .atUnmap, probe: machine)
    machine.addObserver(checkers)
    let main = try domain()
    self.main = main
    other = try domain()
    group = DeviceGroup(defaultDomain: main)
  }

  private func domain() throws -> Domain {
    try Domain(
      scheme: StrictScheme(allocator: machine.aperture.tree), memory: machine.memory,
      timer: MachineTimer(machine: machine), observer: checkers, options: PagingDomainOptions())
  }

  /// Both devices in the default domain, with a mapping that stays for the while.
  func start() throws {
    for device in devices { try group!.add(device, on: .boot) }
    try hold()
  }

  func hold() throws {
    let buffer = try machine.memory.allocateBuffer(byteCount: 4_096)
    held.append(HeldMapping(try main!.map(buffer, FromDevice.self, on: .boot)))
  }

  /// What the devices of the group reach is what the group's state says; a device that reaches
  /// anything is one of those that are attached.
  func expectConsistent(_ name: String, _ location: SourceLocation = #_sourceLocation) {
    let group = group!
    let place = Comment(rawValue: name)
    let isBlocked = group.state.isBlocked
    var attached = 0
    for (index, device) in devices.enumerated() {
      // What is registered in permanent error is never used again.
      let isRegistered =
        machine.functions[index].registration != nil
        && machine.condition(of: index) != .permanentError
      switch device.state {
      case .attached:
        #expect(!isBlocked, place, sourceLocation: location)
        attached += 1
      case .stuck: attached += 1
      case .probed, .blocked, .pending, .gone, .released:
        #expect(!isRegistered, place, sourceLocation: location)
      }
    }
    let counted = main!.deviceCount + other!.deviceCount
    let waiting = main!.pendingCount + other!.pendingCount
    #expect(counted == attached, place, sourceLocation: location)
    #expect(
      waiting == devices.count { $0.state == .pending }, place, sourceLocation: location)
    let stuck = main!.stuckCount + other!.stuckCount
    #expect(stuck == devices.count { $0.state == .stuck }, place, sourceLocation: location)
  }

  /// Goes on after a fault: whatever can be brought back is, and the domain works.
  func goOn(_ place: String, _ location: SourceLocation = #_sourceLocation) throws {
    let group = group!
    for device in devices where device.state.isMember && device.state != .gone {
      // A machine that is still busy from the fault is not so for long.
      for attempt in 1... {
        do throws(AttachError) {
          try group.reset(device, on: .boot)
          break
        } catch {
          if error == .control(.functionGone) { break }
          #expect(attempt < 3, "\(place): \(error)", sourceLocation: location)
          if attempt == 3 { break }
        }
      }
    }
    if group.state == .blocked { try group.attach(main!, on: .boot) }
    expectConsistent(place)
    for (index, device) in devices.enumerated() where device.state.isMember {
      // A function that was pulled and has not been asked since can only be pending, or attached
      // without anybody having noticed.
      let isThere = machine.condition(of: index) == .enabled
      #expect(device.state == .attached || !isThere, "\(place)", sourceLocation: location)
    }
    if main!.deviceCount > 0 {
      let buffer = try machine.memory.allocateBuffer(byteCount: 4_096)
      let mapping = try main!.map(buffer, FromDevice.self, on: .boot)
      main!.unmap(mapping, on: .boot)
    }
  }

  /// Ends everything, and expects that nothing is reached, held or kept.
  func finish(_ name: String, _ location: SourceLocation = #_sourceLocation) {
    let place = Comment(rawValue: name)
    for mapping in held { mapping.unmap(from: main!) }
    for device in devices { group!.release(device, on: .boot) }
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: main!.liveMappings, held: 0, quarantined: main!.quarantineRecord.ranges)
    #expect(main!.quarantineRecord.ranges == 0, place, sourceLocation: location)
    #expect(functions.allSatisfy { !$0.claim.isTaken }, place, sourceLocation: location)
    group = nil
    main = nil
    other = nil
    machine.shutDown()
    checkers.expectNoTables()
    #expect(checkers.log.first.isEmpty, place, sourceLocation: location)
    #expect(machine.memory.tableBytesInUse == 0, place, sourceLocation: location)
    #expect(machine.programChecks == 0, place, sourceLocation: location)
  }
}

/// Operations of the life cycle, each from a state that ``LifeCycleRig/start()`` leaves.
enum LifeCycleOperation: CaseIterable {
  case add, attach, replace, detach, claim, own, giveBack, recover, reset, release

  /// Brings the rig to where the operation begins.
  func prepare(_ rig: LifeCycleRig) throws {
    if self == .add { return }
    try rig.start()
    switch self {
    case .attach: try rig.group!.detach(on: .boot)
    case .recover: rig.machine.failFunction(0, code: .serviceAction)
    default: break
    }
  }

  /// Carries it out; the number of instructions in between is what faults are planned by.
  func run(_ rig: LifeCycleRig, began: (LifeCycleRig) -> Void) throws(AttachError) {
    let group = rig.group!
    switch self {
    case .add:
      began(rig)
      for device in rig.devices { try group.add(device, on: .boot) }
    case .attach:
      began(rig)
      try group.attach(rig.other!, on: .boot)
    case .replace:
      began(rig)
      try group.replace(with: rig.other!, on: .boot)
    case .detach:
      began(rig)
      do throws(OwnershipError) { try group.detach(on: .boot) } catch { throw .ownership(error) }
    case .claim:
      began(rig)
      let owner = try group.claim(on: .boot)
      try owner.giveBack(on: .boot)
    case .own:
      let owner = try group.claim(on: .boot)
      began(rig)
      try owner.attach(rig.other!, on: .boot)
      try owner.replace(with: rig.main!, on: .boot)
      owner.detach(on: .boot)
    case .giveBack:
      let owner = try group.claim(on: .boot)
      try owner.attach(rig.other!, on: .boot)
      began(rig)
      try owner.giveBack(on: .boot)
    case .recover:
      began(rig)
      try group.recover(rig.devices[0], on: .boot)
    case .reset:
      began(rig)
      try group.reset(rig.devices[0], on: .boot)
    case .release:
      began(rig)
      for device in rig.devices { group.release(device, on: .boot) }
    }
  }
}
