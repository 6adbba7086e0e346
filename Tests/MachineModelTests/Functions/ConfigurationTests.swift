import IOMMU
import Testing
import ZPCI

@testable import MachineModel

struct ConfigurationTests {
  private static let identity = DeviceIdentity(
    vendor: 0x1b36, device: 0x0010, classCode: 0x01_08_02, revision: 3, registerBytes: 16_384,
    vectors: 5)

  @Test func theHeaderShowsWhatTheDeviceIs() {
    let space = ConfigurationSpace(Self.identity)
    #expect(space.read(offset: 0, width: 4) == 0x0010_1b36)
    #expect(space.read(offset: 2, width: 2) == 0x0010)
    #expect(space.read(offset: 8, width: 4) == 0x0108_0203)
    #expect(space.read(offset: 0x34, width: 1) == 0x40)
    #expect(space.read(offset: 0x40, width: 1) == 0x11)
    #expect(space.read(offset: 0x42, width: 2) == 4)
    #expect(space.read(offset: 0x44, width: 4) == 4)
    #expect(space.read(offset: 0x48, width: 4) == 0x804)
    #expect(space.read(offset: 0x400, width: 4) == 0)
  }

  @Test func writingOnesToABaseAddressShowsItsSize() {
    var space = ConfigurationSpace(Self.identity)
    for offset in stride(from: 0x10, to: 0x28, by: 4) {
      space.write(.max, offset: offset, width: 4)
    }
    let seen = stride(from: 0x10, to: 0x28, by: 4).map { space.read(offset: $0, width: 4) }
    #expect(seen == [0xffff_c004, .max, 0, 0, 0xffff_f004, .max])
  }

  @Test func readOnlyBitsStay() {
    var space = ConfigurationSpace(Self.identity)
    for offset in 0..<256 { space.write(0xff, offset: offset, width: 1) }
    #expect(space.read(offset: 0, width: 4) == 0x0010_1b36)
    #expect(space.read(offset: 4, width: 2) == 0x0406)
    #expect(space.read(offset: 0x40, width: 4) == 0xc004_0011)
  }

  @Test func aMaskedVectorIsSentOnceItsMaskIsLifted() throws {
    let rig = try Rig()
    try rig.start()
    var interrupts = InterruptionControls()
    interrupts.count = 4
    interrupts.vector = rig.buffer.first
    var controls = FunctionControls()
    controls.interruptions = interrupts
    #expect(rig.modify(.registerInterruption, controls) == .success)
    let message = MachineFunction.messageAddress
    for (word, value) in [(0 as UInt64, message & 0xffff_ffff), (1, message >> 32), (2, 3)] {
      #expect(Self.writeTable(rig, word, value) == .success)
    }
    #expect(rig.writeConfiguration(0x8000, offset: 0x42, width: 2) == .success)
    rig.machine.functions[0].raiseInterrupt(vector: 0)
    #expect(rig.word(0) == 0)
    #expect(rig.machine.totals(of: 0).messages == 0)
    #expect(Self.writeTable(rig, 3, 0) == .success)
    // Data 3: the vector's fourth bit, counted from the most significant.
    #expect(rig.word(0).byteSwapped == 1 << 60)
    #expect(rig.machine.totals(of: 0).messages == 1)
    #expect(rig.modify(.deregisterInterruption) == .success)
    rig.machine.functions[0].raiseInterrupt(vector: 0)
    #expect(rig.machine.totals(of: 0).lostMessages == 1)
  }

  private static func writeTable(_ rig: Rig, _ word: UInt64, _ value: UInt64) -> InstructionResult {
    rig.machine.store(
      value.byteSwapped >> 32,
      RequestWord(rig.handle, space: PCIAddressSpace(bar: 4)!, length: 4).rawValue,
      offset: word * 4, on: .boot)
  }
}
