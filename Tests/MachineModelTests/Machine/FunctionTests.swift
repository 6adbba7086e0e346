import IOMMU
import Testing
import ZPCI

@testable import MachineModel

struct FunctionTests {
  @Test func handlesChangeOnEnablingAndDisabling() throws {
    let rig = try Rig()
    #expect(rig.handle.rawValue == 0x2_0000)
    try rig.start()
    let enabled = rig.handle
    #expect(enabled.rawValue == 0x8002_0000)
    var block = CLPBlock()
    CLPRequest.setFunction(rig.handle, .disable).write(into: &block)
    #expect(rig.machine.callLogicalProcessor(&block, on: .boot) == .success)
    #expect(try SetFunctionResponse(block: block).handle == rig.handle)
    #expect(!rig.handle.isEnabled && rig.handle != enabled.disabled)
    try rig.start()
    #expect(rig.handle != enabled)
    let stale = rig.machine.refreshTranslations(
      RequestWord(enabled).rawValue, address: rig.first, byteCount: 4_096, on: .boot)
    #expect(stale == .invalidHandle)
  }

  @Test func functionsAreListedAndDescribed() throws {
    let rig = try Rig()
    for _ in 1..<5 { rig.machine.plug(TransferDevice()) }
    rig.machine.unplug(2)
    rig.machine.deconfigure(3)
    let bus = ZPCIBus(instructions: rig.machine)
    var listed: [UInt32] = []
    try bus.enumerate(on: .boot) { entry in
      listed.append(entry.functionID)
      #expect(entry.vendorID == 0x1234 && entry.deviceID == 0x5678)
      #expect(entry.isConfigured == (entry.functionID != 4))
      return true
    }
    #expect(listed == [1, 2, 4, 5])
    let answer = try bus.query(rig.handle, on: .boot)
    #expect(answer.dmaStart == rig.first)
    #expect(answer.dmaEnd == rig.first + (4 << 20) - 1)
    #expect(answer.barSizesLog2[0] == 12)
    let group = try bus.queryGroup(answer.group, on: .boot)
    #expect(group.flags.contains(.refreshRequired))
    #expect(!group.flags.contains(.relaxedTranslation))
  }

  @Test func aLongListComesInParts() throws {
    let machine = try Machine(Rig.small(), seed: 1)
    for _ in 0..<600 { machine.plug(TransferDevice()) }
    var count = 0
    try ZPCIBus(instructions: machine).enumerate(on: .boot) { entry in
      count += 1
      return entry.functionID == UInt32(count)
    }
    #expect(count == 600)
  }

  @Test func aFaultBlocksTheFunctionUntilItIsReset() throws {
    let rig = try Rig()
    try rig.start()
    #expect(try rig.controls().1.state.rawValue == 0x90)
    rig.deviceWrites(1, at: rig.first)
    #expect(try rig.controls().1.state.rawValue == 0xf0)
    #expect(rig.read(register: 24).0 == InstructionResult(conditionCode: 1, status: 12))
    #expect(rig.machine.takeErrorEvent()?.code == .translationProtection)
    let sequence = InstructionResult(conditionCode: 1, status: 24)
    #expect(rig.modify(.resetBlock) == .success)
    #expect(try rig.controls().1.state.rawValue == 0xd0)
    #expect(rig.modify(.resetBlock) == sequence)
    #expect(rig.read(register: 32) == (.success, 1))
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    #expect(rig.refresh(rig.first, pages: 1) == .success)
    rig.deviceWrites(2, at: rig.first)
    #expect(rig.device.faults.last == .blocked)
    #expect(rig.modify(.resetError) == .success)
    #expect(rig.modify(.resetError) == sequence)
    rig.deviceWrites(3, at: rig.first)
    #expect(rig.word(0) == 3)
  }

  @Test func writesThroughAProtectedEntryAreRefused() throws {
    let rig = try Rig()
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue, isProtected: true)
    #expect(rig.refresh(rig.first, pages: 1) == .success)
    rig.machine.memory.storeLittle64(77, at: rig.buffer.first)
    _ = rig.write(rig.first, register: 0)
    _ = rig.write(1, register: 16)
    rig.machine.charge(Nanoseconds(20_000))
    #expect(rig.read(register: 8) == (.success, 77))
    rig.deviceWrites(78, at: rig.first)
    #expect(rig.word(0) == 77)
    #expect(rig.machine.condition(of: 0) == .error)
  }

  @Test func addressesOutsideTheRegistrationOrMemoryAreRefused() throws {
    let rig = try Rig()
    try rig.start()
    rig.deviceWrites(1, at: 0x1000)
    #expect(rig.device.faults.last == .outsideAperture(IOVA(0x1000)))
    #expect(rig.modify(.resetError) == .success)
    try rig.table.map(rig.first, to: 1 << 30)
    #expect(rig.refresh(rig.first, pages: 1) == .success)
    rig.deviceWrites(1, at: rig.first)
    #expect(rig.device.faults.last == .outsideMemory(PhysicalAddress(1 << 30)))
  }

  @Test func valuesMayCrossPages() throws {
    let rig = try Rig()
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue + 4_096)
    try rig.table.map(rig.first + 4_096, to: rig.buffer.first.rawValue)
    #expect(rig.refresh(rig.first, pages: 2) == .success)
    rig.deviceWrites(0x8877_6655_4433_2211, at: rig.first + 4_093)
    #expect(rig.word(8_184) == 0x3322_1100_0000_0000)
    #expect(rig.word(0) == 0x88_7766_5544)
    _ = rig.write(0, register: 8)
    _ = rig.write(1, register: 16)
    rig.machine.charge(Nanoseconds(20_000))
    #expect(rig.read(register: 8) == (.success, 0x8877_6655_4433_2211))
  }

  @Test func withoutBusMasteringADeviceReachesNothingAndNothingBreaks() throws {
    let rig = try Rig()
    try rig.start()
    _ = rig.writeConfiguration(0x2, offset: 4, width: 2)
    rig.deviceWrites(1, at: rig.first)
    #expect(rig.device.faults == [.blocked])
    #expect(rig.machine.condition(of: 0) == .enabled)
  }

  @Test func anUnpluggedFunctionAnswersConditionCodeThree() throws {
    let rig = try Rig()
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    _ = rig.refresh(rig.first, pages: 1)
    let handle = rig.handle
    _ = rig.write(2, register: 16)
    rig.machine.unplug(0)
    #expect(rig.machine.pinnedPages(of: 0) == 0)
    let load = rig.machine.load(
      RequestWord(handle, space: .configuration, length: 4).rawValue, offset: 0, on: .boot)
    #expect(load.0 == .invalidHandle)
    let refresh = rig.machine.refreshTranslations(
      RequestWord(handle).rawValue, address: rig.first, byteCount: 4_096, on: .boot)
    #expect(refresh == .invalidHandle)
    rig.machine.charge(Nanoseconds(50_000))
    _ = rig.machine.now()
    #expect(rig.device.log.isEmpty)
  }

  @Test func translationIsRegisteredOnceAndOnlyInsideTheAperture() throws {
    let rig = try Rig()
    try rig.start()
    let sequence = InstructionResult(conditionCode: 1, status: 24)
    #expect(rig.register() == sequence)
    #expect(rig.modify(.deregisterTranslation) == .success)
    #expect(rig.modify(.deregisterTranslation) == sequence)
    #expect(rig.modify(.reregisterTranslation) == sequence)
    var controls = FunctionControls()
    controls.addressLimit = rig.first
    controls.designation = IOATDesignation(rawValue: rig.table.designation)
    #expect(rig.modify(.registerTranslation, controls).conditionCode == 1)
    controls.baseAddress = rig.first
    controls.addressLimit = rig.first + 0x1_ffff
    controls.designation = .untranslated
    #expect(rig.modify(.registerTranslation, controls).conditionCode == 1)
    #expect(rig.machine.programChecks == 2)
    controls.designation = IOATDesignation(rawValue: rig.table.designation)
    #expect(rig.modify(.registerTranslation, controls) == .success)
    #expect(try rig.controls().1.addressLimit == rig.first + 0x1_ffff)
  }

  @Test func identityReachesMemoryFromTheAperturesStart() throws {
    var description = Rig.small()
    description.allowsIdentity = true
    let rig = try Rig(description)
    try rig.start()
    #expect(rig.modify(.deregisterTranslation) == .success)
    var controls = FunctionControls()
    controls.baseAddress = rig.first
    controls.addressLimit = rig.first + (4 << 20) - 1
    #expect(rig.modify(.registerTranslation, controls) == .success)
    rig.deviceWrites(6, at: rig.first + 0x2000)
    #expect(rig.machine.memory.loadLittle64(at: PhysicalAddress(0x2000)) == 6)
  }

  @Test func malformedOperandsAreProgramChecksAndNeverTraps() throws {
    let rig = try Rig()
    try rig.start()
    var random = RandomStream(seed: 2, name: "operands")
    for _ in 0..<4_000 {
      let request =
        UInt64(rig.handle.rawValue) << 32 | random.next(below: 32) << 16 | random.next(below: 20)
      let offset = random.next() >> random.next(below: 64)
      let values: InlineArray<3, UInt64> = [random.next(), 0, random.next()]
      switch random.next(below: 4) {
      case 0: _ = rig.machine.load(request, offset: offset, on: .boot)
      case 1: _ = rig.machine.store(random.next(), request, offset: offset, on: .boot)
      case 2: _ = rig.machine.storeBlock(values.span, request, offset: offset, on: .boot)
      default:
        var block = FunctionInformationBlock()
        for index in 0..<16 { block.storage[index] = random.next() >> random.next(below: 64) }
        _ = rig.machine.modifyFunctionControls(request, &block, on: CPUIndex(7))
        _ = rig.machine.refreshTranslations(
          request, address: offset, byteCount: random.next() >> random.next(below: 64), on: .boot)
        if rig.machine.condition(of: 0) != .enabled { _ = rig.modify(.resetError) }
      }
    }
    #expect(rig.machine.programChecks > 500)
  }
}
