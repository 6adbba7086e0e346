import TestSupport
import Testing
import ZPCI

@Suite("Answers about functions and groups")
struct QueryResponseTests {
  @Test("What QEMU tells of a function is read from its 192 bytes")
  func knownFunction() throws {
    let image: CLPBlock = block(
      hex(
        """
        00c0 0010 00000000 0000000000000000
        0000 01 ff 00000001 0e 00 00 00 0c 00 0007
        04000000 00000000 00000000 00000000 0c000010 00000000
        01020304 0003 10 05
        0000000100000000 01ffffffffffffff
        00a8 0000 0000000000000000 0000000000000000 0000000000000000 0000000000000000
        0000000000000000 00000009
        e9a5
        """), at: 32)
    let function = try QueryFunctionResponse(block: image)
    #expect(function.flags.hasUtilityString)
    #expect(!function.flags.hasRequesterID)
    #expect(function.group == 0xff)
    #expect(function.functionID == 1)
    #expect((0..<6).map { function.barSizesLog2[$0] } == [14, 0, 0, 0, 12, 0])
    #expect(function.physicalChannel == 7)
    #expect(function.bars[0] == 0x0000_0004)
    #expect(function.bars[4] == 0x1000_000c)
    #expect(function.internalPath == 0x0102_0304)
    #expect(function.port == 3)
    #expect(function.measurementWords == 16)
    #expect(function.type == .internalSharedMemory)
    #expect(function.dmaStart == 0x1_0000_0000)
    #expect(function.dmaEnd == 0x1ff_ffff_ffff_ffff)
    #expect(function.requesterID == 0xa8)
    #expect(function.userID == 9)
    #expect(function.utilityString[0] == 0xe9)
    #expect(function.utilityString[1] == 0xa5)
  }

  @Test("What QEMU tells of the default group is read")
  func knownGroup() throws {
    let image: CLPBlock = block(
      hex(
        """
        0040 0010 00000000 0000000000000000
        0080 00 01 0080 0fa0 40 00 0000 0000 0000
        0000000000000000 fe00000000000000
        """), at: 32)
    let group = try QueryGroupResponse(block: image)
    #expect(group.interruptionCountMax == 128)
    #expect(group.flags == .refreshRequired)
    #expect(group.storeBlockByteCountMax == 128)
    #expect(group.measurementIntervalMilliseconds == 4000)
    #expect(group.messageAddress == 0xfe00_0000_0000_0000)
    #expect(
      (0...5).map(group.designationTypes.contains) == [false, false, true, false, false, false])
  }

  @Test("Answers are read back as they were written, whatever the bits")
  func roundTrip() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<50 {
      // Random bytes, made valid: length, code, format, DMA range and BAR sizes.
      var image = CLPBlock()
      for offset in stride(from: 32, to: 416, by: 8) {
        image.setField(random.next(), at: offset, width: 8)
      }
      image.setField(0x0180_0010_0000_0000, at: 32, width: 8)
      image.setField(random.next() >> 1, at: 96, width: 8)
      image.setField(random.next() | 1 << 63, at: 104, width: 8)
      for bar in 0..<6 { image.setField(random.next() & 63, at: 56 + bar, width: 1) }
      let function = try QueryFunctionResponse(block: image)
      var written = CLPBlock()
      function.write(into: &written)
      let again = try QueryFunctionResponse(block: written)
      var twice = CLPBlock()
      again.write(into: &twice)
      #expect(words(twice) == words(written))
      // Every field is kept where it was found.
      let kept = [48..<92, 94..<114, 156..<224]
      for range in kept {
        #expect(
          bytes(written, range.lowerBound, count: range.count)
            == bytes(image, range.lowerBound, count: range.count))
      }
      let group = try QueryGroupResponse(block: image)
      var groupBlock = CLPBlock()
      group.write(into: &groupBlock)
      #expect(try QueryGroupResponse(block: groupBlock) == group)
      #expect(bytes(groupBlock, 64, count: 16) == bytes(image, 64, count: 16))
      #expect(bytes(groupBlock, 54, count: 3) == bytes(image, 54, count: 3))
    }
  }

  @Test("Setting a function answers with its handle")
  func set() throws {
    var block = CLPBlock()
    SetFunctionResponse(handle: FunctionHandle(0x8002_0000)).write(into: &block)
    #expect(bytes(block, 32, count: 20) == hex("00a0 0010 00000000 0000000000000000 80020000"))
    #expect(try SetFunctionResponse(block: block).handle == FunctionHandle(0x8002_0000))
    block.setField(31, at: 32, width: 2)
    #expect(throws: CLPError.responseLength(31)) { try SetFunctionResponse(block: block) }
  }

  @Test("Nonsense about a function is an error with the numbers")
  func malformed() {
    var function = QueryFunctionResponse()
    function.dmaStart = 5
    function.dmaEnd = 4
    var block = CLPBlock()
    function.write(into: &block)
    #expect(throws: CLPError.dmaRange(start: 5, end: 4)) {
      try QueryFunctionResponse(block: block)
    }
    function.dmaEnd = 5
    function.barSizesLog2[3] = 64
    function.write(into: &block)
    #expect(throws: CLPError.barSize(bar: 3, log2: 64)) {
      try QueryFunctionResponse(block: block)
    }
    block.setField(191, at: 32, width: 2)
    #expect(throws: CLPError.responseLength(191)) { try QueryFunctionResponse(block: block) }
    block.setField(0x0101, at: 34, width: 2)
    #expect(throws: CLPError.refused(.invalidHandle)) { try QueryFunctionResponse(block: block) }
    #expect(throws: CLPError.refused(.invalidHandle)) { try QueryGroupResponse(block: block) }
  }

  @Test("Flags of a group combine")
  func flags() {
    let both = QueryGroupResponse.Flags.refreshRequired.union(.relaxedTranslation)
    #expect(both.rawValue == 0x21)
    #expect(both.contains(.relaxedTranslation))
    #expect(!both.contains(.largeFrames))
    let types = QueryGroupResponse.DesignationTypes(rawValue: 0x70)
    #expect((1...4).map(types.contains) == [false, true, true, true])
  }
}
