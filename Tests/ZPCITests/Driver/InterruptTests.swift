import IOMMU
import Testing
import ZPCI

@Suite("Message interruptions")
struct InterruptTests {
  @Test("Vectors are registered, and the table names the message address and the vector")
  func enable() throws {
    let machine = FakeMachine()
    let memory = FakeMemory()
    let function = try enabled(machine)
    try function.lendInterruptMemory(from: memory)
    #expect(try function.enableInterrupts(count: 3, on: cpu) == 3)
    let interruptions = machine.with { $0.controls.interruptions }
    #expect(interruptions.count == 3)
    #expect(interruptions.subclass == 2)
    #expect(interruptions.wantsSummary)
    #expect(interruptions.vector == PhysicalAddress(0x10_0000))
    #expect(interruptions.summary == PhysicalAddress(0x10_0200))
    for vector in 0..<3 as Range<UInt64> {
      let entry = 0x2000 + vector * 16
      #expect(try function.read32(bar: 4, offset: entry, on: cpu) == 0)
      #expect(try function.read32(bar: 4, offset: entry + 4, on: cpu) == 0xfe00_0000)
      #expect(try function.read32(bar: 4, offset: entry + 8, on: cpu) == UInt32(vector))
      #expect(try function.read32(bar: 4, offset: entry + 12, on: cpu) == 0)
    }
    // Enabled and unmasked; memory and bus mastering on.
    #expect(try function.readConfiguration(offset: 0x52, width: 2, on: cpu) == 0x8000)
    #expect(try function.readConfiguration(offset: 4, width: 2, on: cpu) == 6)
  }

  @Test(
    "No more are granted than asked for, than the table has, and than the group allows",
    arguments: [(5, 128, 5), (100, 128, 8), (100, 2, 2), (0, 128, 0), (4, 0, 0), (-1, 9, 0)])
  func granted(count: Int, groupMax: Int, granted: Int) throws {
    let machine = FakeMachine { $0.group.interruptionCountMax = UInt16(groupMax) }
    let function = try enabled(machine)
    try function.lendInterruptMemory(from: FakeMemory())
    #expect(try function.enableInterrupts(count: count, on: cpu) == granted)
    #expect(machine.with { $0.vectorsRegistered } == (granted > 0))
  }

  @Test("Without memory, without MSI-X, or with nonsense about it, none are granted")
  func none() throws {
    let spoilers: [@Sendable (inout FakeMachine.State) -> Void] = [
      { $0.configuration[6] = 0 }, { $0.configuration[0x34] = 0 },
      { $0.configuration[0x41] = 0x40 }, { $0.configuration[0x41] = 0x3c },
      { $0.configuration[0x54] = 0x06 },
      { state in
        state.configuration[0x41] = 0xf8
        state.configuration[0xf8] = 0x11
      },
    ]
    for spoiler in spoilers {
      let machine = FakeMachine(spoiler)
      let function = try enabled(machine)
      try function.lendInterruptMemory(from: FakeMemory())
      #expect(try function.enableInterrupts(count: 1, on: cpu) == 0)
      #expect(!machine.with { $0.vectorsRegistered })
    }
    let function = try enabled(FakeMachine())
    #expect(try function.enableInterrupts(count: 1, on: cpu) == 0)
  }

  @Test("Pending vectors are taken once, lowest first, and the summary with them")
  func pending() throws {
    let machine = FakeMachine { state in
      state.configuration[0x52] = 127
      state.group.interruptionCountMax = 100
    }
    let memory = FakeMemory()
    let function = try enabled(machine)
    try function.lendInterruptMemory(from: memory)
    #expect(try function.enableInterrupts(count: 100, on: cpu) == 100)
    func raise(_ vector: UInt64) {
      let address = 0x10_0000 + vector / 8
      memory.setByte(memory.byte(address) | 0x80 >> UInt8(vector % 8), address)
      memory.setByte(0x80, 0x10_0200)
    }
    func taken() -> [Int] {
      var vectors: [Int] = []
      function.takePendingInterrupts(using: memory) { vectors.append($0) }
      return vectors
    }
    #expect(taken() == [])
    for vector in [99, 0, 64, 63, 7, 8, 120] as [UInt64] { raise(vector) }
    // 120 is beyond what was granted: a stray bit.
    #expect(taken() == [0, 7, 8, 63, 64, 99])
    #expect(memory.byte(0x10_0200) == 0)
    #expect(taken() == [])
    // A bit that the machine sets between reading a word and taking it is not lost.
    raise(3)
    memory.setByte(0, 0x10_0200)
    memory.beforeNextExchange { $0.bytes[0x10_0000, default: 0] |= 0x40 }
    #expect(taken() == [1, 3])
  }

  @Test("Taking vectors back masks the device, and gives the memory free")
  func disable() throws {
    let machine = FakeMachine()
    let memory = FakeMemory()
    let function = try enabled(machine)
    try function.lendInterruptMemory(from: memory)
    try function.lendInterruptMemory(from: memory)
    #expect(memory.lentCount == 1)
    _ = try function.enableInterrupts(count: 2, on: cpu)
    #expect(throws: PCIAccessError.refused(conditionCode: 1, status: 24)) {
      try function.enableInterrupts(count: 2, on: cpu)
    }
    #expect(!function.returnInterruptMemory(to: memory))
    try function.disableInterrupts(on: cpu)
    #expect(!machine.with { $0.vectorsRegistered })
    #expect(try function.readConfiguration(offset: 0x52, width: 2, on: cpu) == 0x4000)
    let issued = machine.log.count
    try function.disableInterrupts(on: cpu)
    #expect(machine.log.count == issued)
    #expect(function.returnInterruptMemory(to: memory))
    #expect(function.returnInterruptMemory(to: memory))
    #expect(memory.lentCount == 0)
  }

  @Test("Memory stays in use as long as the machine may write there")
  func keptMemory() throws {
    let machine = FakeMachine()
    let memory = FakeMemory()
    let function = try enabled(machine, busyRetryLimit: 0)
    try function.lendInterruptMemory(from: memory)
    _ = try function.enableInterrupts(count: 2, on: cpu)
    // The first load of the walk is blocked, so that MPCIFC is next: busy, and not tried again.
    machine.with { $0.fail() }
    machine.with { $0.faults[$0.log.count + 1] = .busy }
    #expect(throws: PCIAccessError.refused(conditionCode: 2, status: 0)) {
      try function.disableInterrupts(on: cpu)
    }
    #expect(!function.returnInterruptMemory(to: memory))
    try function.disable(on: cpu)
    #expect(function.returnInterruptMemory(to: memory))
    #expect(memory.lentCount == 0)
  }

  @Test("Memory that is not to be had is an error")
  func exhausted() throws {
    let memory = FakeMemory()
    memory.setPagesLeft(0)
    let function = try enabled(FakeMachine())
    #expect(throws: TableMemoryError.exhausted(byteCount: 4096)) {
      try function.lendInterruptMemory(from: memory)
    }
  }

  @Test("A failure half-way takes the vectors back")
  func halfWay() throws {
    var complete = 0
    var failed = 0
    for step in 0..<40 {
      let machine = FakeMachine()
      let memory = FakeMemory()
      let function = try enabled(machine)
      try function.lendInterruptMemory(from: memory)
      machine.with { $0.faults[$0.log.count + step] = .error(99) }
      do {
        #expect(try function.enableInterrupts(count: 2, on: cpu) == 2)
        complete += 1
      } catch {
        #expect(error == .refused(conditionCode: 1, status: 99))
        #expect(!machine.with { $0.vectorsRegistered })
        #expect(function.returnInterruptMemory(to: memory))
        #expect(memory.lentCount == 0)
        failed += 1
      }
    }
    #expect(complete > 0)
    #expect(failed > 10)
  }
}
