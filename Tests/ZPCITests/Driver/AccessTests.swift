import IOMMU
import Testing
import ZPCI

@Suite("Registers and configuration space")
struct AccessTests {
  @Test("Values are little-endian on the bus, whatever their width")
  func byteOrder() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    try function.write32(0x1122_3344, bar: 2, offset: 8, on: cpu)
    try function.write64(0x0102_0304_0506_0708, bar: 2, offset: 16, on: cpu)
    let space: UInt64 = 2 << 56
    #expect(
      (8..<12).map { offset in machine.with { $0.registers[space | offset] } }
        == [0x44, 0x33, 0x22, 0x11])
    #expect(
      (16..<24).map { offset in machine.with { $0.registers[space | offset] } }
        == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(try function.read32(bar: 2, offset: 8, on: cpu) == 0x1122_3344)
    #expect(try function.read64(bar: 2, offset: 16, on: cpu) == 0x0102_0304_0506_0708)
    #expect(try function.read32(bar: 2, offset: 16, on: cpu) == 0x0506_0708)
    for width in [1, 2, 4] {
      try function.writeConfiguration(0xa1b2_c3d4, offset: 0x80, width: width, on: cpu)
      let mask = UInt32(truncatingIfNeeded: (1 as UInt64) << (width * 8) - 1)
      #expect(
        try function.readConfiguration(offset: 0x80, width: width, on: cpu)
          == 0xa1b2_c3d4 & mask)
    }
    #expect(machine.with { Array($0.configuration[0x80..<0x84]) } == [0xd4, 0xc3, 0xb2, 0xa1])
  }

  @Test("The register holds the value's bytes in the bus's order, in its low bytes")
  func registerImage() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    let issued = machine.log.count
    try function.write32(0x1122_3344, bar: 0, offset: 4, on: cpu)
    try function.writeConfiguration(0x0006, offset: 4, width: 2, on: cpu)
    #expect(
      machine.log(since: issued) == [
        .store(space: 0, offset: 4, length: 4, value: 0x4433_2211),
        .store(space: 15, offset: 4, length: 2, value: 0x0600),
      ])
  }

  @Test(
    "Condition codes and statuses are errors by name, and note the state",
    arguments: [
      (.invalidHandle, .functionGone, .gone),
      (.error(LoadStoreStatus.inError), .functionInError, .error),
      (.error(LoadStoreStatus.blocked), .functionInError, .error),
      (.error(LoadStoreStatus.notAvailable), .functionInError, .error),
      (.error(LoadStoreStatus.notEnabled), .refused(conditionCode: 1, status: 4), .enabled),
      (
        .error(LoadStoreStatus.insufficientResources), .refused(conditionCode: 1, status: 16),
        .enabled
      ),
      (.error(LoadStoreStatus.invalidSpace), .refused(conditionCode: 1, status: 20), .enabled),
    ] as [(InstructionResult, PCIAccessError, FunctionState)])
  func refusals(result: InstructionResult, error: PCIAccessError, state: FunctionState) throws {
    for store in [false, true] {
      let machine = FakeMachine()
      let function = try enabled(machine)
      machine.fail(with: result)
      #expect(throws: error) {
        if store {
          try function.write64(1, bar: 0, offset: 0, on: cpu)
        } else {
          _ = try function.readConfiguration(offset: 0, width: 4, on: cpu)
        }
      }
      #expect(function.state == state)
    }
  }

  @Test("Busy is attempted again up to the limit, then an error")
  func busy() throws {
    let machine = FakeMachine()
    let function = try enabled(machine, busyRetryLimit: 5)
    var issued = machine.log.count
    machine.fail(with: .busy, count: 5)
    _ = try function.read32(bar: 0, offset: 0, on: cpu)
    #expect(machine.log(since: issued).count == 6)
    issued = machine.log.count
    machine.fail(with: .busy, count: 6)
    #expect(throws: PCIAccessError.refused(conditionCode: 2, status: 0)) {
      try function.write32(0, bar: 0, offset: 0, on: cpu)
    }
    #expect(machine.log(since: issued).count == 6)
    #expect(function.state == .enabled)
  }

  @Test("A function in error is asked all the same, because loads may be unblocked")
  func unblocked() throws {
    let machine = FakeMachine()
    let function = try enabled(machine)
    machine.with { $0.fail() }
    #expect(throws: PCIAccessError.functionInError) {
      try function.read32(bar: 0, offset: 0, on: cpu)
    }
    machine.with { $0.isBlocked = false }
    #expect(try function.read32(bar: 0, offset: 0, on: cpu) == 0)
    #expect(function.state == .error)
  }
}
