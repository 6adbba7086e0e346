import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// A machine with one or more transfer devices in one paging domain, and all checkers.
final class StackBench<Format: TableFormat, Scheme: InvalidationScheme> {
  typealias Domain = PagingDomain<CarelessPlatform<Format>, Scheme>

  let machine: Machine
  let devices: [TransferDevice]
  let controls: [CarelessControl]
  let members: [DMADevice<CarelessControl>]
  let group = DeviceGroup<CarelessControl>()
  let timer: MachineTimer
  let checkers: CheckerSuite
  let tables = TableRecorder()
  var domain: Domain!

  /// A bench whose domain is attached; with `promise` the checkers know what to expect.
  init(
    _ kind: TranslationKind = .shadowed, format: Format.Type, promise: StalePromise,
    modifiers: PolicyModifiers = .none, functions: Int = 1, isTimed: Bool = true,
    description change: (inout MachineDescription) -> Void = { _ in }, scheme: (IOVARange) -> Scheme
  ) throws {
    var description = Rig.small(kind)
    // Reading the clock takes next to no time here, so that domain and checkers see the same times.
    description.costs.clockPicoseconds = 1
    change(&description)
    let machine = try Machine(description, seed: 1)
    self.machine = machine
    let devices = (0..<functions).map { _ in TransferDevice() }
    self.devices = devices
    for device in devices { machine.plug(device) }
    let bus = ZPCIBus(instructions: machine)
    controls = try (0..<functions).map { number in
      let entry = try #require(try bus.find(functionID: UInt32(number + 1), on: .boot))
      let function = try bus.function(entry, on: .boot)
      try function.enable(on: .boot)
      return CarelessControl(function)
    }
    members = controls.map { DMADevice(control: $0) }
    for member in members { try group.add(member, on: .boot) }
    timer = MachineTimer(machine: machine)
    let scheme = scheme(machine.aperture)
    checkers = CheckerSuite(
      aperture: scheme.aperture, functions: Array(0..<functions), promise: promise,
      probe: machine)
    machine.addObserver(checkers)
    machine.addObserver(tables)
    let domain = try Domain(
      scheme: scheme, memory: machine.memory, timer: timer,
      observer: checkers,
      options: PagingDomainOptions(
        processors: description.cpus, modifiers: modifiers, cost: description.invalidationCost))
    self.domain = domain
    if isTimed {
      timer.handle { [weak domain] purpose, cpu in domain?.timerFired(purpose, on: cpu) }
    }
    try attach()
  }

  func attach() throws {
    try group.attach(domain, on: .boot)
    for control in controls {
      try control.function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    }
  }

  func buffer(pages: Int = 1) throws -> PhysicalRange {
    try machine.memory.allocateBuffer(byteCount: pages * 4_096)
  }

  /// Has a device write `value` at `iova`; whether it reached memory.
  @discardableResult
  func write(_ value: UInt64, at iova: IOVA, function: Int = 0) throws -> Bool {
    try transfer(2, value, iova, function)
  }

  /// Has a device read 8 bytes at `iova`; whether it reached memory.
  @discardableResult
  func read(at iova: IOVA, function: Int = 0) throws -> Bool {
    try transfer(1, 0, iova, function)
  }

  private func transfer(
    _ command: UInt64, _ value: UInt64, _ iova: IOVA, _ number: Int
  ) throws -> Bool {
    let function = controls[number].function
    let done = devices[number].done
    try function.write64(iova.rawValue, bar: 0, offset: 0, on: .boot)
    try function.write64(value, bar: 0, offset: 8, on: .boot)
    try function.write64(command, bar: 0, offset: 16, on: .boot)
    machine.charge(Nanoseconds(20_000))
    _ = machine.now()
    return devices[number].done == done + 1
  }

  /// Maps one page for the device to write and takes it back; answers its address.
  func mapAndUnmap(_ buffer: PhysicalRange) throws -> IOVA {
    let mapping = try domain.map(buffer, FromDevice.self, on: .boot)
    try domain.synchronize(on: .boot)
    let address = mapping.device.first
    domain.unmap(mapping, on: .boot)
    return address
  }

  /// Blocks the devices, checks that nothing is left, and lets the domain go.
  func finish(held: UInt64 = 0) {
    timer.handle(nil)
    do throws(OwnershipError) {
      try group.detach(on: .boot)
    } catch {
      Issue.record("\(error)")
    }
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: domain.liveMappings, held: held, quarantined: domain.quarantineRecord.ranges)
    domain = nil
    checkers.expectNoTables()
  }

  /// Expects exactly the promises in `broken` to be broken, and at least one violation of each.
  func expect(broken: [Violation.Promise], _ location: SourceLocation = #_sourceLocation) {
    let found = Violation.Promise.allCases.filter { checkers.log.contains($0) }
    #expect(found == broken, "\(checkers.log.first)", sourceLocation: location)
  }
}

/// Keeps the tables that are out, in the order in which they were taken.
final class TableRecorder: MachineObserver {
  private(set) var out: [PhysicalRange] = []

  func tableAllocated(_ table: PhysicalRange, time: Instant) { out.append(table) }

  func tableFreed(_ table: PhysicalRange, time: Instant) { out.removeAll { $0 == table } }
}

extension IOVARange {
  /// A tree of addresses over the whole range, as Linux's.
  var tree: TreeAllocator {
    TreeAllocator(
      aperture: self, granule: .fourKiB, flavour: .linux6_1, cpus: 1, forceDAC: false,
      capacity: 4_096)
  }
}
