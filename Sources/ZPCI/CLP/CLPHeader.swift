/// The headers that every request and response begins with, and where the two lie in the block.
///
/// A request is 32 bytes at offset 0: its length (2 bytes), the command (2), the format in the four
/// high bits of a word, a reserved doubleword, then the command's own 16 bytes. The response lies
/// behind it, at offset 32, and begins likewise, with the response code in the command's place. The
/// caller writes into the response's length how much room there is.
///
/// Source: Linux arch/s390/include/asm/clp.h, `struct clp_req_hdr` and `clp_rsp_hdr`; QEMU
/// hw/s390x/s390-pci-inst.c, `clp_service_call`, which takes no other request length than 32.
enum CLPHeader {
  /// The bytes of a request.
  static var requestByteCount: UInt16 { 32 }

  /// Where the request's own fields begin.
  static var request: Int { 16 }

  /// Where the response begins.
  static var response: Int { 32 }

  /// Where the response's own fields begin.
  static var payload: Int { 48 }
}

extension BigEndianBlock {
  /// Writes a request's header and the room for its response.
  mutating func setRequestHeader(_ command: CLPCommand, responseByteCount: UInt16) {
    setField(UInt64(CLPHeader.requestByteCount), at: 0, width: 2)
    setField(UInt64(command.rawValue), at: 2, width: 2)
    setField(UInt64(responseByteCount), at: CLPHeader.response, width: 2)
  }

  /// The room for the response, or its length once it was given.
  var responseByteCount: UInt16 {
    UInt16(truncatingIfNeeded: field(at: CLPHeader.response, width: 2))
  }

  /// The response's code.
  var responseCode: CLPResponseCode {
    CLPResponseCode(UInt16(truncatingIfNeeded: field(at: CLPHeader.response + 2, width: 2)))
  }

  /// Writes a response's header: a success of `byteCount` bytes.
  mutating func setResponseHeader(byteCount: UInt16) {
    setField(UInt64(byteCount), at: CLPHeader.response, width: 2)
    setField(UInt64(CLPResponseCode.success.rawValue), at: CLPHeader.response + 2, width: 2)
    setField(0, at: CLPHeader.response + 4, width: 4)
    setField(0, at: CLPHeader.response + 8, width: 8)
  }

  /// Checks that the response is a success of format 0 and of at least `byteCount` bytes.
  ///
  /// Throws: `CLPError.refused`, `responseLength`, `responseFormat`.
  func checkResponseHeader(atLeast byteCount: UInt16) throws(CLPError) {
    if responseCode != .success { throw .refused(responseCode) }
    let length = responseByteCount
    if length < byteCount || Int(length) > Self.byteCount - CLPHeader.response {
      throw .responseLength(length)
    }
    let format = UInt8(truncatingIfNeeded: field(at: CLPHeader.response + 4, width: 1) >> 4)
    if format != 0 { throw .responseFormat(format) }
  }

  /// Checks what every request has in common, and tells its command.
  ///
  /// Throws: the code to answer with.
  func checkRequestHeader() throws(CLPRefusal) -> CLPCommand {
    if field(at: 0, width: 2) != UInt64(CLPHeader.requestByteCount) {
      throw CLPRefusal(.invalidLength)
    }
    let room = Int(responseByteCount)
    if room < 8 || room % 8 != 0 || room > Self.byteCount - CLPHeader.response {
      throw CLPRefusal(.invalidLength)
    }
    guard let command = CLPCommand(rawValue: UInt16(truncatingIfNeeded: field(at: 2, width: 2)))
    else { throw CLPRefusal(.unknownCommand) }
    let format = field(at: 4, width: 4)
    if format >> 28 != 0 { throw CLPRefusal(.invalidFormat) }
    if format != 0 || field(at: 8, width: 8) != 0 { throw CLPRefusal(.reservedNotZero) }
    return command
  }
}

extension CLPRefusal {
  /// Writes the refusal as the response; nothing but its code changes.
  public func write(into block: inout CLPBlock) {
    block.setField(UInt64(code.rawValue), at: CLPHeader.response + 2, width: 2)
  }
}
