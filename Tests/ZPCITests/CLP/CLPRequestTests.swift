import Testing
import ZPCI

@Suite("CLP requests")
struct CLPRequestTests {
  @Test("Requests are the bytes that the architecture wants")
  func images() {
    var block = CLPBlock()
    CLPRequest.list(resumeToken: 0x1122).write(into: &block)
    #expect(
      bytes(block, 0, count: 48)
        == hex(
          """
          0020 0002 00000000 0000000000000000 0000000000001122 0000000000000000
          0fe0 0000 00000000 0000000000000000
          """))
    CLPRequest.queryFunction(FunctionHandle(0x20000)).write(into: &block)
    #expect(
      bytes(block, 0, count: 36)
        == hex("0020 0003 00000000 0000000000000000 00020000 00000000 0000000000000000 0180 0000"))
    CLPRequest.queryGroup(0xff).write(into: &block)
    #expect(
      bytes(block, 0, count: 36)
        == hex("0020 0004 00000000 0000000000000000 000000ff 00000000 0000000000000000 0040 0000"))
    CLPRequest.setFunction(FunctionHandle(0x20000), .enable).write(into: &block)
    #expect(
      bytes(block, 0, count: 36)
        == hex("0020 0005 00000000 0000000000000000 00020000 0000 00 01 0000000000000000 00a0 0000")
    )
    CLPRequest.setFunction(FunctionHandle(0x8002_0000), .disable).write(into: &block)
    #expect(bytes(block, 16, count: 8) == hex("80020000 0000 01 00"))
  }

  @Test(
    "A machine decodes what the driver encoded",
    arguments: [
      CLPRequest.list(resumeToken: 0xfedc_ba98_7654_3210),
      .queryFunction(FunctionHandle(0x8765_4321)), .queryGroup(0x5a),
      .setFunction(FunctionHandle(7), .enable), .setFunction(FunctionHandle(0xffff_ffff), .disable),
    ])
  func roundTrip(request: CLPRequest) throws {
    var block = CLPBlock()
    request.write(into: &block)
    #expect(try CLPRequest(block: block) == request)
  }

  struct Spoiled: CustomTestStringConvertible {
    let offset: Int
    let byte: UInt64
    let code: CLPResponseCode
    var testDescription: String { "byte \(offset) = \(byte)" }
  }

  @Test(
    "A malformed request is refused with the code that tells why",
    arguments: [
      Spoiled(offset: 1, byte: 24, code: .invalidLength),
      Spoiled(offset: 33, byte: 4, code: .invalidLength),
      Spoiled(offset: 32, byte: 0xff, code: .invalidLength),
      Spoiled(offset: 3, byte: 9, code: .unknownCommand),
      Spoiled(offset: 4, byte: 0x10, code: .invalidFormat),
      Spoiled(offset: 7, byte: 1, code: .reservedNotZero),
      Spoiled(offset: 15, byte: 1, code: .reservedNotZero),
      Spoiled(offset: 22, byte: 7, code: .handleNotValidForOperation),
      Spoiled(offset: 23, byte: 0, code: .invalidDMASpaces),
      Spoiled(offset: 23, byte: 2, code: .insufficientResources),
    ])
  func refusals(spoiled: Spoiled) {
    var block = CLPBlock()
    CLPRequest.setFunction(FunctionHandle(1), .enable).write(into: &block)
    // Only a length of its own in the second byte of the response's length.
    if spoiled.offset == 33 { block.setField(0, at: 32, width: 1) }
    block.setField(spoiled.byte, at: spoiled.offset, width: 1)
    #expect(throws: CLPRefusal(spoiled.code)) { try CLPRequest(block: block) }
  }

  @Test("A refusal is the response's code, and the driver reads it as such")
  func refusalIsRead() {
    var block = CLPBlock()
    CLPRequest.queryGroup(3).write(into: &block)
    CLPRefusal(.unknownGroup).write(into: &block)
    #expect(bytes(block, 32, count: 4) == hex("0040 010b"))
    #expect(throws: CLPError.refused(.unknownGroup)) { try QueryGroupResponse(block: block) }
  }
}
