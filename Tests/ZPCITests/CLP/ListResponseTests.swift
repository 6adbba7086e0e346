import TestSupport
import Testing
import ZPCI

@Suite("Lists of functions")
struct ListResponseTests {
  /// What QEMU answers for one NVMe function with number 1, written by hand from `list_pci`.
  static let image: CLPBlock = block(
    hex(
      """
      0030 0010 00000000 0000000000000000 0000000000000000
      00ff0000 1000 01 10
      0010 1b36 80000000 00000001 00020000
      """), at: 32)

  @Test("The list of a machine with one function is read")
  func known() throws {
    let list = try ListResponse(block: Self.image)
    #expect(list.count == 1)
    #expect(list.resumeToken == 0)
    #expect(list.functionCountMax == 4096)
    #expect(list.checksUserIDs)
    let entry = list.entry(at: 0, in: Self.image)
    #expect(entry.deviceID == 0x0010)
    #expect(entry.vendorID == 0x1b36)
    #expect(entry.isConfigured)
    #expect(entry.functionID == 1)
    #expect(entry.handle == FunctionHandle(0x20000))
  }

  @Test("A machine's list is read back, as full as a block gets")
  func roundTrip() throws {
    var random = SplitMix64(seed: 2)
    for count in [0, 1, 2, 100, 252] {
      var block = CLPBlock()
      CLPRequest.list(resumeToken: 0).write(into: &block)
      #expect(ListResponse.room(in: block) == 252)
      let entries = (0..<count).map { _ in
        var entry = FunctionListEntry(
          functionID: UInt32(truncatingIfNeeded: random.next()),
          handle: FunctionHandle(UInt32(truncatingIfNeeded: random.next())))
        entry.deviceID = UInt16(truncatingIfNeeded: random.next())
        entry.vendorID = UInt16(truncatingIfNeeded: random.next())
        entry.isConfigured = random.next() & 1 == 0
        return entry
      }
      let written = ListResponse(
        count: count, resumeToken: random.next(), functionCountMax: 77, checksUserIDs: false)
      written.write(into: &block)
      for (index, entry) in entries.enumerated() {
        written.setEntry(entry, at: index, in: &block)
      }
      let list = try ListResponse(block: block)
      #expect(list == written)
      #expect((0..<count).map { list.entry(at: $0, in: block) } == entries)
    }
  }

  @Test("Room is told by what the request asks for")
  func room() {
    var block = CLPBlock()
    for (byteCount, room) in [(0, 0), (32, 0), (47, 0), (48, 1), (64, 2), (0xffff, 252)] {
      block.setField(UInt64(byteCount), at: 32, width: 2)
      #expect(ListResponse.room(in: block) == room)
    }
  }

  struct Spoiled: CustomTestStringConvertible {
    let offset: Int
    let width: Int
    let value: UInt64
    let error: CLPError
    var testDescription: String { "\(error)" }
  }

  @Test(
    "A malformed list is an error with the number that is wrong",
    arguments: [
      Spoiled(offset: 32, width: 2, value: 31, error: .responseLength(31)),
      Spoiled(offset: 32, width: 2, value: 41, error: .responseLength(41)),
      Spoiled(offset: 32, width: 2, value: 4080, error: .responseLength(4080)),
      Spoiled(offset: 34, width: 2, value: 0x10a, error: .refused(.badResumeToken)),
      Spoiled(offset: 34, width: 2, value: 0, error: .refused(CLPResponseCode(0))),
      Spoiled(offset: 36, width: 1, value: 0x20, error: .responseFormat(2)),
      Spoiled(offset: 63, width: 1, value: 0, error: .entrySize(0)),
      Spoiled(offset: 63, width: 1, value: 32, error: .entrySize(32)),
    ])
  func malformed(spoiled: Spoiled) {
    var block = Self.image
    block.setField(spoiled.value, at: spoiled.offset, width: spoiled.width)
    #expect(throws: spoiled.error) { try ListResponse(block: block) }
  }
}
