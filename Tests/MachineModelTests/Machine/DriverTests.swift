import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// The zPCI driver on the machine, through the seam alone.
struct DriverTests {
  private static func function(_ machine: Machine) throws -> ZPCIFunction<Machine> {
    let bus = ZPCIBus(instructions: machine)
    let entry = try #require(try bus.find(functionID: 1, on: .boot))
    let function = try bus.function(entry, on: .boot)
    try function.enable(on: .boot)
    return function
  }

  @Test func theDriverTransfersThroughATable() throws {
    let rig = try Rig()
    defer { rig.machine.shutDown() }
    let function = try Self.function(rig.machine)
    try function.enableTranslation(
      root: rig.table.root, rootLevel: 2, aperture: function.aperture, on: .boot)
    try function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    let range = try #require(IOVARange(first: IOVA(rig.first), byteCount: 4_096))
    try function.invalidate(range, on: .boot)
    try function.write64(rig.first, bar: 0, offset: 0, on: .boot)
    try function.write64(0x1122_3344_5566_7788, bar: 0, offset: 8, on: .boot)
    try function.write64(2, bar: 0, offset: 16, on: .boot)
    while try function.read64(bar: 0, offset: 24, on: .boot) == 0 {}
    #expect(rig.word(0) == 0x1122_3344_5566_7788)
    try rig.table.unmap(rig.first)
    try function.invalidateAll(on: .boot)
    #expect(rig.machine.pinnedPages(of: 0) == 0)
    #expect(rig.machine.programChecks == 0)
    #expect(rig.machine.refreshTotals.range == 1)
    #expect(rig.machine.refreshTotals.global == 1)
  }

  @Test func theDriverRecoversFromATranslationFault() throws {
    let rig = try Rig()
    defer { rig.machine.shutDown() }
    let function = try Self.function(rig.machine)
    try function.enableTranslation(
      root: rig.table.root, rootLevel: 2, aperture: function.aperture, on: .boot)
    try function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    try function.write64(rig.first, bar: 0, offset: 0, on: .boot)
    try function.write64(2, bar: 0, offset: 16, on: .boot)
    rig.machine.charge(Nanoseconds(20_000))
    #expect(throws: PCIAccessError.functionInError) {
      try function.read64(bar: 0, offset: 24, on: .boot)
    }
    try function.recover(on: .boot)
    #expect(rig.machine.condition(of: 0) == .enabled)
    #expect(try function.read64(bar: 0, offset: 32, on: .boot) == 1)
  }

  @Test func theDriverGetsItsAdapterInterrupts() throws {
    var description = Rig.small()
    description.cpus = 2
    let rig = try Rig(description)
    defer { rig.machine.shutDown() }
    let function = try Self.function(rig.machine)
    try function.enableTranslation(
      root: rig.table.root, rootLevel: 2, aperture: function.aperture, on: .boot)
    try function.lendInterruptMemory(from: rig.machine.memory)
    #expect(try function.enableInterrupts(count: 2, on: .boot) == 2)
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    try function.invalidateAll(on: .boot)
    var taken: [Int] = []
    var handledAt: UInt64 = 0
    rig.machine.route(subclass: 2, to: CPUIndex(1)) {
      #expect(rig.machine.currentCPU == CPUIndex(1))
      handledAt = rig.machine.currentTime.nanoseconds
      function.takePendingInterrupts(using: rig.machine.memory) { taken.append($0) }
    }
    try function.write64(rig.first, bar: 0, offset: 0, on: .boot)
    for _ in 0..<2 {
      try function.write64(2, bar: 0, offset: 16, on: .boot)
      rig.machine.run(while: { true })
    }
    #expect(taken == [0, 0])
    let sent = try #require(rig.device.log.last).time
    let costs = description.interrupts
    #expect(handledAt == sent + costs.latencyNanoseconds + costs.entryNanoseconds)
    #expect(rig.machine.totals(of: 0).messages == 2)
  }

  @Test func aRoutedVectorGoesToItsProcessorAndWaitsWhileThatIsBusy() throws {
    let rig = try Rig()
    defer { rig.machine.shutDown() }
    let function = try Self.function(rig.machine)
    try function.enableTranslation(
      root: rig.table.root, rootLevel: 2, aperture: function.aperture, on: .boot)
    try function.lendInterruptMemory(from: rig.machine.memory)
    #expect(try function.enableInterrupts(count: 1, on: .boot) == 1)
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    try function.invalidateAll(on: .boot)
    var handled: [UInt64] = []
    rig.machine.route(vector: 0, of: 0, to: .boot) {
      handled.append(rig.machine.currentTime.nanoseconds)
    }
    let start = rig.machine.currentTime
    rig.machine.spawn(on: .boot, at: start) {
      _ = rig.write(rig.first, register: 0)
      _ = rig.write(2, register: 16)
      _ = rig.write(2, register: 16)
      rig.machine.charge(Nanoseconds(1_000_000))
    }
    rig.machine.run(while: { true })
    // Both transfers are long done when the task ends; their interrupts have become one.
    let entry = rig.machine.description.interrupts.entryNanoseconds
    #expect(handled == [start.nanoseconds + 600 + 1_000_000 + entry])
    #expect(rig.device.done == 2)
  }

  @Test func theMeasurementBlockCountsWhatTheDriverCounted() throws {
    let rig = try Rig()
    defer { rig.machine.shutDown() }
    let function = try Self.function(rig.machine)
    try function.enableTranslation(
      root: rig.table.root, rootLevel: 2, aperture: function.aperture, on: .boot)
    let block = try rig.machine.memory.allocateBuffer(byteCount: 4_096)
    try function.startMeasurement(in: block, on: .boot)
    for _ in 0..<7 { try function.invalidateAll(on: .boot) }
    rig.machine.run(until: Instant(nanoseconds: 9_000_000_000))
    let seen = try #require(MeasurementBlock.read(from: rig.machine.memory, at: block.first))
    #expect(seen.samples == 2)
    #expect(seen.refreshes == 7)
    #expect(seen.refreshes == function.refreshCounters.executed)
    try function.stopMeasurement(on: .boot)
    rig.machine.run(until: Instant(nanoseconds: 19_000_000_000))
    #expect(
      MeasurementBlock.read(from: rig.machine.memory, at: block.first)?.samples == 2)
  }
}
