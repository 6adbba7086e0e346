import IOMMU
import Testing
import Workloads

@Suite("A block's pattern") struct BlockPatternTests {
  /// Words by their address.
  final class Words: BufferMemory, @unchecked Sendable {
    var words: [UInt64: UInt64] = [:]

    func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
      throw .exhausted(byteCount: byteCount)
    }
    func freeBuffer(_ range: PhysicalRange) {}
    func loadLittle32(at address: PhysicalAddress) -> UInt32 { 0 }
    func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {}
    func loadLittle64(at address: PhysicalAddress) -> UInt64 { words[address.rawValue] ?? 0 }
    func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
      words[address.rawValue] = value
    }
    func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {}
  }

  @Test("tells its block, its version, and every word's place")
  func tells() {
    let memory = Words()
    let place = PhysicalAddress(0x1000)
    BlockPattern.write(lba: 5, version: 2, to: memory, at: place)
    func isRight(_ lba: UInt64, _ version: UInt64) -> Bool {
      BlockPattern.isRight(lba: lba, version: version, in: memory, at: place)
    }
    #expect(memory.words.count == 64)
    #expect(isRight(5, 2) && !isRight(5, 1) && !isRight(6, 2))
    for index in 0..<64 as Range<UInt64> {
      let address = 0x1000 + index * 8
      let word = memory.words[address]
      memory.words[address] = (word ?? 0) ^ 1 << 40
      #expect(!isRight(5, 2))
      memory.words[address] = word
    }
    #expect(isRight(5, 2))
    BlockPattern.spoil(memory, at: place)
    #expect(!isRight(5, 2))
  }
}
