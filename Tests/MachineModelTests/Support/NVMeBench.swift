import IOMMU
import NVMe
import Testing
import ZPCI

@testable import MachineModel

/// The whole stack with a polled driver: disk, function, domain, checkers, and planned faults.
final class NVMeBench<Scheme: InvalidationScheme> {
  typealias Domain = PagingDomain<ModelPlatform, Scheme>
  typealias Driver = NVMeController<ZPCIFunction<Machine>, Domain>

  static var depth: Int { 8 }

  let machine: Machine
  let function: ZPCIFunction<Machine>
  let device: DMADevice<ZPCIFunction<Machine>>
  let group = DeviceGroup<ZPCIFunction<Machine>>()
  let timer: MachineTimer
  let checkers: CheckerSuite
  let buffers: [PhysicalRange]
  let buffersInUse: UInt64
  private(set) var domain: Domain!
  private(set) var driver: Driver!
  private var turn: UInt64 = 0

  /// How a completion of each tag of the last round ended.
  private(set) var outcomes: [UInt64: NVMeOutcome] = [:]

  init(
    _ description: MachineDescription, faults: FaultPlan = FaultPlan(), promise: StalePromise,
    modifiers: PolicyModifiers = .none, scheme: (IOVARange) -> Scheme
  ) throws {
    machine = try Machine(description, seed: 1, faults: faults)
    machine.plug(NVMeDevice(service: description.nvme, geometry: NVMeGeometry()))
    let bus = ZPCIBus(instructions: machine)
    let entry = try #require(try bus.find(functionID: 1, on: .boot))
    function = try bus.function(entry, on: .boot)
    device = DMADevice(control: function)
    timer = MachineTimer(machine: machine)
    checkers = CheckerSuite(
      aperture: machine.aperture, functions: [0], promise: promise, probe: machine)
    machine.addObserver(checkers)
    let memory = machine.memory
    buffers = try (0..<Self.depth).map { _ in try memory.allocateBuffer(byteCount: 16_384) }
    buffersInUse = memory.bufferBytesInUse
    let domain = try Domain(
      scheme: scheme(machine.aperture), memory: memory, timer: timer, observer: checkers,
      options: PagingDomainOptions(
        processors: description.cpus, modifiers: modifiers, cost: description.invalidationCost))
    self.domain = domain
    timer.handle { [weak domain] purpose, cpu in domain?.timerFired(purpose, on: cpu) }
    driver = Driver(
      function: function, domain: domain, cpus: [.boot],
      options: NVMeOptions(queueEntries: Self.depth + 1))
  }

  /// Sixteen mebibytes of aperture and a fast disk.
  static func description(_ kind: TranslationKind = .shadowed) -> MachineDescription {
    var description = MachineDescription(name: "faulty")
    description.memoryBytes = 64 << 20
    description.tableMemoryBytes = 1 << 20
    description.apertureBytes = 4 << 20
    description.translation = kind
    description.nvme.readNanoseconds = 20_000
    return description
  }

  /// Enables the function, attaches the domain and starts the driver.
  func start() throws {
    try function.enable(on: .boot)
    try group.add(device, on: .boot)
    try group.attach(domain, on: .boot)
    try driver.initialise(clock: machine, pause: pause)
  }

  func pause() { machine.charge(Nanoseconds(1_000)) }

  /// Submits a round of writes, or of reads of what the last round wrote.
  func submit(isWrite: Bool) throws(NVMeError) {
    if isWrite { turn += 1 }
    outcomes = [:]
    for place in 0..<Self.depth {
      let buffer = slice(place)
      machine.memory.fill(buffer, with: isWrite ? fillByte(place) : 0)
      let blocks = UInt32((buffer.byteCountMinusOne + 1) / 4_096)
      if isWrite {
        try driver.submitWrite(
          queue: 0, lba: UInt64(place) * 4, blocks: blocks, buffer: buffer, tag: UInt64(place))
      } else {
        try driver.submitRead(
          queue: 0, lba: UInt64(place) * 4, blocks: blocks, buffer: buffer, tag: UInt64(place))
      }
    }
  }

  func ring() throws(NVMeError) {
    _ = try driver.ringDoorbell(queue: 0) { outcomes[$0.tag] = $0.outcome }
  }

  /// Takes completions until the round is complete, or for 20 ms of the machine's time.
  func wait() throws(NVMeError) {
    let limit = machine.currentTime.advanced(by: Nanoseconds(20_000_000))
    while outcomes.count < Self.depth && machine.currentTime < limit {
      machine.charge(Nanoseconds(5_000))
      machine.run(until: machine.currentTime)
      try driver.poll(queue: 0) { outcomes[$0.tag] = $0.outcome }
    }
  }

  func round(isWrite: Bool) throws(NVMeError) {
    try submit(isWrite: isWrite)
    try ring()
    try wait()
  }

  /// Does a round whatever happens to the function; answers how often it had to be recovered.
  func insist(isWrite: Bool) throws(NVMeError) -> Int {
    var recoveries = 0
    if driver.state != .running {
      try recover()
      recoveries += 1
    }
    do throws(NVMeError) {
      try round(isWrite: isWrite)
    } catch {
      if error != .functionInError && error != .wrongState(.inError) { throw error }
    }
    // A controller that says nothing looks like one that is slow: only the time tells.
    while outcomes.count < Self.depth && recoveries < 4 {
      try recover()
      recoveries += 1
      try wait()
    }
    return recoveries
  }

  /// Resets the controller, bringing the function back, and has what was in flight done again.
  func recover() throws(NVMeError) {
    try driver.reset(
      clock: machine, disposition: .requeue,
      recover: { () throws(PCIAccessError) in
        do throws(AttachError) {
          try group.recover(device, on: .boot)
        } catch {
          throw error == .control(.functionGone) ? .functionGone : .functionInError
        }
      }, pause: pause, report: { outcomes[$0.tag] = $0.outcome })
    try driver.resubmit(queue: 0)
    try ring()
  }

  /// Whether the last round of reads brought what was written before.
  var isRight: Bool {
    outcomes.count == Self.depth && outcomes.values.allSatisfy { $0 == .success }
      && (0..<Self.depth).allSatisfy { place in
        let buffer = slice(place)
        let word = UInt64(fillByte(place)) &* 0x0101_0101_0101_0101
        return stride(from: buffer.first.rawValue, to: buffer.last.rawValue, by: 512).allSatisfy {
          machine.memory.loadLittle64(at: PhysicalAddress($0)) == word
        }
      }
  }

  /// Ends driver and domain whatever state they are in, and expects that nothing was lost.
  func finish(_ location: SourceLocation = #_sourceLocation) {
    do throws(NVMeError) {
      try driver.shutDown(clock: machine, pause: pause, report: { outcomes[$0.tag] = $0.outcome })
    } catch {
      driver.abandon(report: { outcomes[$0.tag] = $0.outcome })
    }
    do throws(OwnershipError) {
      try group.detach(on: .boot)
    } catch {
      Issue.record("\(error)")
    }
    timer.handle(nil)
    checkers.expectNothingReachable()
    checkers.expectBalance(
      live: domain.liveMappings, held: 0, quarantined: domain.quarantineRecord.ranges)
    #expect(domain.liveMappings == 0, sourceLocation: location)
    #expect(domain.quarantineRecord.ranges == 0, sourceLocation: location)
    driver = nil
    domain = nil
    machine.shutDown()
    checkers.expectNoTables()
    #expect(checkers.log.first.isEmpty, sourceLocation: location)
    #expect(machine.memory.tableBytesInUse == 0, sourceLocation: location)
    #expect(machine.memory.bufferBytesInUse == buffersInUse, sourceLocation: location)
    #expect(machine.programChecks == 0, sourceLocation: location)
  }

  private func slice(_ place: Int) -> PhysicalRange {
    PhysicalRange(first: buffers[place].first, byteCount: UInt64(place % 3 + 1) * 4_096)!
  }

  private func fillByte(_ place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: turn &* 16 &+ UInt64(place) &+ 1)
  }
}
