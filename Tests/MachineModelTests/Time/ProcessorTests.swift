import IOMMU
import Testing

@testable import MachineModel

struct ProcessorTests {
  private static func machine(cpus: Int) throws -> Machine {
    var description = Rig.small()
    description.cpus = cpus
    return try Machine(description, seed: 1)
  }

  @Test func theEarliestTaskGoesFirstThenTheLowestProcessor() throws {
    let machine = try Self.machine(cpus: 3)
    var order: [String] = []
    for cpu in [2, 1, 0] {
      machine.spawn(on: CPUIndex(cpu), at: Instant(nanoseconds: 100)) { order.append("b\(cpu)") }
      machine.spawn(on: CPUIndex(cpu), at: Instant(nanoseconds: 50)) { order.append("a\(cpu)") }
      machine.spawn(on: CPUIndex(cpu), at: Instant(nanoseconds: 100)) { order.append("c\(cpu)") }
    }
    machine.run(until: Instant(nanoseconds: 99))
    #expect(order == ["a0", "a1", "a2"])
    machine.run(until: Instant(nanoseconds: 100))
    #expect(order == ["a0", "a1", "a2", "b0", "c0", "b1", "c1", "b2", "c2"])
  }

  @Test func workWaitsForABusyProcessorAndNotForAnother() throws {
    let machine = try Self.machine(cpus: 2)
    var starts: [UInt64] = []
    machine.spawn(on: CPUIndex(0), at: Instant(nanoseconds: 0)) {
      machine.charge(Nanoseconds(1_000))
    }
    for cpu in 0..<2 {
      machine.spawn(on: CPUIndex(cpu), at: Instant(nanoseconds: 10)) {
        starts.append(machine.currentTime.nanoseconds)
        #expect(machine.currentCPU == CPUIndex(cpu))
      }
    }
    machine.run(until: Instant(nanoseconds: 5_000))
    #expect(starts == [10, 1_000])
    #expect(machine.busyTime(of: CPUIndex(0)) == Nanoseconds(1_000))
  }

  @Test func fractionsOfANanosecondAddUp() throws {
    let machine = try Self.machine(cpus: 1)
    machine.spawn(on: .boot, at: Instant(nanoseconds: 0)) {
      for _ in 0..<1_000 { machine.charge(picoseconds: 333) }
    }
    machine.run(until: Instant(nanoseconds: 1))
    #expect(machine.currentTime == Instant(nanoseconds: 333))
  }

  @Test func aCancelledTaskDoesNotRun() throws {
    let machine = try Self.machine(cpus: 1)
    var ran: [Int] = []
    let first = machine.spawn(on: .boot, at: Instant(nanoseconds: 10)) { ran.append(1) }
    machine.spawn(on: .boot, at: Instant(nanoseconds: 20)) { ran.append(2) }
    machine.cancel(first)
    machine.run(while: { true })
    #expect(ran == [2])
  }

  @Test func devicesComeUpToTheTimeThatAProcessorLooksAt() throws {
    let machine = try Self.machine(cpus: 1)
    var seen: [UInt64] = []
    machine.schedule(at: Instant(nanoseconds: 500)) { seen.append(500) }
    machine.schedule(at: Instant(nanoseconds: 5_000)) { seen.append(5_000) }
    machine.spawn(on: .boot, at: Instant(nanoseconds: 0)) {
      machine.charge(Nanoseconds(400))
      _ = machine.now()
      #expect(seen.isEmpty)
      machine.charge(Nanoseconds(200))
      _ = machine.now()
      #expect(seen == [500])
    }
    machine.run(until: Instant(nanoseconds: 5_000))
    #expect(seen == [500, 5_000])
  }

  @Test func aKernelTimerFiresWhereTheWheelPutsIt() throws {
    let machine = try Self.machine(cpus: 1)
    var fired: UInt64 = 0
    machine.startTimer(on: .boot, after: .milliseconds(10)) {
      fired = machine.currentTime.nanoseconds
    }
    machine.run(while: { true })
    #expect(fired == 20_000_000)
  }

  @Test func aMachineIsGivenBackWithItsDevices() throws {
    weak var device: TransferDevice?
    do {
      let rig = try Rig()
      try rig.start()
      _ = rig.write(2, register: 16)
      device = rig.device
      #expect(device != nil)
    }
    #expect(device == nil)
  }
}
