import TestSupport
import Testing
import ZPCI

@Suite("Instruction operands")
struct RequestWordTests {
  @Test("Words hold handle, space and length where the architecture has them")
  func images() throws {
    let handle = FunctionHandle(0x8002_0001)
    let bar = try #require(PCIAddressSpace(bar: 4))
    #expect(RequestWord(handle).rawValue == 0x8002_0001_0000_0000)
    #expect(RequestWord(handle, space: bar, length: 8).rawValue == 0x8002_0001_0004_0008)
    #expect(
      RequestWord(handle, space: .configuration, length: 2).rawValue == 0x8002_0001_000f_0002)
    #expect(
      RequestWord(handle, operation: .registerTranslation).rawValue == 0x8002_0001_0000_0004)
  }

  @Test("A machine takes a word apart into what the driver put in")
  func roundTrip() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<200 {
      let handle = FunctionHandle(UInt32(truncatingIfNeeded: random.next()))
      let length = UInt8(truncatingIfNeeded: random.next())
      for number in [0, 5, 15] as [UInt8] {
        guard let space = PCIAddressSpace(rawValue: number) else {
          Issue.record("space \(number) is missing")
          return
        }
        let word = RequestWord(
          rawValue: RequestWord(handle, space: space, length: length).rawValue)
        #expect(word.handle == handle)
        #expect(word.space == number)
        #expect(word.length == length)
      }
    }
  }

  @Test("There are six BARs and configuration space, and nothing between")
  func spaces() {
    for number in 0...255 as ClosedRange<UInt8> {
      #expect((PCIAddressSpace(rawValue: number) != nil) == (number < 6 || number == 15))
    }
    #expect(PCIAddressSpace(bar: -1) == nil)
    #expect(PCIAddressSpace(bar: 6) == nil)
    #expect(PCIAddressSpace.configuration.bar == nil)
    #expect(PCIAddressSpace(bar: 3)?.bar == 3)
  }

  @Test("Bit 31 of a handle says whether the function is enabled")
  func handles() {
    let disabled = FunctionHandle(0x20000)
    #expect(!disabled.isEnabled)
    #expect(disabled.enabled == FunctionHandle(0x8002_0000))
    #expect(disabled.enabled.isEnabled)
    #expect(disabled.enabled.disabled == disabled)
    #expect(FunctionHandle(0x8002_1234).index == 0x1234)
  }

  @Test(
    "Condition codes have names",
    arguments: [(0, .success), (1, .error), (2, .busy), (3, .invalidHandle)]
      as [(UInt8, ConditionCode)])
  func conditionCodes(code: UInt8, name: ConditionCode) {
    #expect(InstructionResult(conditionCode: code).condition == name)
    #expect(name.rawValue == code)
  }

  @Test("Results that a machine gives carry code and status")
  func results() {
    #expect(InstructionResult.error(16) == InstructionResult(conditionCode: 1, status: 16))
    #expect(InstructionResult.busy.conditionCode == 2)
    #expect(InstructionResult.invalidHandle.conditionCode == 3)
  }
}
