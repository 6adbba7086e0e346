import IOMMU
import TestSupport
import Testing
import ZPCI

@Suite("Function information blocks")
struct FunctionControlsTests {
  @Test("Registering a table is the block that the architecture wants")
  func registerTranslation() throws {
    var controls = FunctionControls()
    controls.baseAddress = 0x1_0000_0000
    controls.addressLimit = 0x3ff_ffff_ffff
    controls.designation = try #require(
      IOATDesignation(root: PhysicalAddress(0x1234_4000), rootLevel: 2))
    var block = FunctionInformationBlock()
    block.setField(.max, at: 120, width: 8)
    controls.write(into: &block)
    #expect(
      bytes(block, 0, count: 80)
        == hex(
          """
          0000000000000000 0000000000000000 0000000100000000 000003ffffffffff 0000000012344804
          0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000
          """))
    #expect(block.field(at: 120, width: 8) == 0)
  }

  @Test("Registering interruptions packs subclass, count and offsets into a word")
  func registerInterruption() {
    var controls = FunctionControls()
    controls.interruptions.subclass = 2
    controls.interruptions.count = 0x123
    controls.interruptions.vector = PhysicalAddress(0x5000)
    controls.interruptions.vectorOffset = 0x3f
    controls.interruptions.wantsSummary = true
    controls.interruptions.summary = PhysicalAddress(0x5200)
    controls.interruptions.summaryOffset = 5
    controls.guestDesignation = 0xabcd
    var block = FunctionInformationBlock()
    controls.write(into: &block)
    #expect(
      bytes(block, 40, count: 40)
        == hex(
          """
          21233f85 00000000 0000000000005000 0000000000005200 0000000000000000
          00000000 0000abcd
          """))
  }

  @Test("A block is read back as it was written, whatever the bits")
  func roundTrip() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<100 {
      var controls = FunctionControls()
      controls.state = FunctionControlState(rawValue: UInt8(truncatingIfNeeded: random.next()))
      controls.baseAddress = random.next()
      controls.addressLimit = random.next()
      controls.designation = IOATDesignation(rawValue: random.next())
      controls.interruptions.subclass = UInt8(random.next() & 7)
      controls.interruptions.count = UInt16(random.next() & 0xfff)
      controls.interruptions.vectorOffset = UInt8(random.next() & 63)
      controls.interruptions.summaryOffset = UInt8(random.next() & 63)
      controls.interruptions.wantsSummary = random.next() & 1 == 0
      controls.interruptions.vector = PhysicalAddress(random.next())
      controls.interruptions.summary = PhysicalAddress(random.next())
      controls.measurementBlock = PhysicalAddress(random.next())
      controls.guestDesignation = UInt32(truncatingIfNeeded: random.next())
      var block = FunctionInformationBlock()
      controls.write(into: &block)
      #expect(try FunctionControls(block: block) == controls)
    }
  }

  @Test("Another format is an error that names it")
  func format() {
    var block = FunctionInformationBlock()
    block.setField(1, at: 0, width: 1)
    #expect(throws: FunctionControlsError.format(1)) { try FunctionControls(block: block) }
  }

  @Test("States are told by the bits that belong together")
  func states() {
    let inError = FunctionControlState(rawValue: 0xf0)
    #expect(inError.contains(.enabled) && inError.contains(.error))
    #expect(inError.contains(.blocked) && inError.contains(.translating))
    #expect(FunctionControlState.enabled.union(.translating).rawValue == 0x90)
    #expect(!FunctionControlState(rawValue: 0x90).contains(.error))
  }

  @Test(
    "A designation tells table, level and that it translates",
    arguments: [(1, 0x800), (2, 0x804), (3, 0x808), (4, 0x80c)] as [(Int, UInt64)])
  func designations(level: Int, flags: UInt64) throws {
    let designation = try #require(
      IOATDesignation(root: PhysicalAddress(0xabc_0000), rootLevel: level))
    #expect(designation.rawValue == 0xabc_0000 | flags)
    #expect(designation.rootLevel == level)
    #expect(designation.root == PhysicalAddress(0xabc_0000))
    #expect(designation.isTranslating)
  }

  @Test("Identity is no table")
  func identity() {
    #expect(IOATDesignation.untranslated.rawValue == 0)
    #expect(!IOATDesignation.untranslated.isTranslating)
    #expect(IOATDesignation.untranslated.rootLevel == nil)
    // A page frame, type 4, is none either.
    #expect(IOATDesignation(rawValue: 0x810).rootLevel == nil)
  }

  @Test("The measurement block is big-endian in memory, and read only when it is whole")
  func measurement() throws {
    let memory = FakeMemory()
    let address = PhysicalAddress(0x8000)
    var block = MeasurementBlock()
    block.format = 1
    block.samples = 0x0203_0405
    block.lastUpdate = 0x11
    block.loads = 1
    block.stores = 2
    block.blockStores = 3
    block.refreshes = 0x1_0000_0004
    block.dmaBytesRead = 5
    block.dmaBytesWritten = 6
    block.write(to: memory, at: address)
    #expect(
      (0..<64).map { memory.byte(0x8000 + $0) }
        == hex(
          """
          01000000 02030405 0000000000000022 0000000000000001 0000000000000002
          0000000000000003 0000000100000004 0000000000000005 0000000000000006
          """))
    #expect(MeasurementBlock.read(from: memory, at: address) == block)
    memory.setByte(0x23, 0x800f)
    #expect(MeasurementBlock.read(from: memory, at: address) == nil)
  }
}
