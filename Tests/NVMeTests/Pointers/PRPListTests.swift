import IOMMU
import Testing

@testable import NVMe

@Suite struct PRPListTests {
  /// The pieces as they must be: the range cut at every multiple of 4096.
  private func naive(_ range: IOVARange) -> [UInt64: UInt64] {
    var pieces: [UInt64: UInt64] = [:]
    var byte = range.first.rawValue
    while byte <= range.last.rawValue {
      let end = min((byte / 4096 + 1) * 4096, range.last.rawValue + 1)
      pieces[byte / 4096] = end - byte
      byte = end
    }
    return pieces
  }

  @Test(arguments: [0, 4, 512, 2048, 4092] as [UInt64])
  func everyTransferReachesExactlyItsPages(offset: UInt64) throws {
    let bench = Bench(options: NVMeOptions(queueEntries: 4, maximumTransferBytes: 5 << 20))
    bench.controller.blockLog2 = 9
    try bench.start()
    let pages: [UInt64] = [1, 2, 3, 4, 17, 511, 512, 513, 514, 1024, 1025, 1026, 1280]
    let sizes: [UInt64] =
      [512, 1024, 3584] + pages.map { $0 * 4096 - 512 } + pages.map { $0 * 4096 }
    for size in sizes {
      // Nothing looks at the data, so it need not lie in memory.
      let buffer = PhysicalRange(
        first: PhysicalAddress(0x8000_0000 + offset), byteCount: size)!
      try bench.driver.submitRead(
        queue: 0, lba: 0, blocks: UInt32(size / 512), buffer: buffer, tag: size)
      bench.controller.isHolding = true
      try bench.driver.ringDoorbell(queue: 0) { _ in }
      let command = try #require(bench.controller.held.last)
      var found: [UInt64: UInt64] = [:]
      for piece in command.pieces { found[piece.address / 4096, default: 0] += piece.count }
      let first = try #require(command.pieces.first).address
      #expect(first % 4096 == offset)
      #expect(
        found == naive(IOVARange(first: IOVA(first), byteCount: size)!), "\(size) at \(offset)")
      bench.controller.nextStatus = 0x4
      bench.controller.release()
      try bench.driver.poll(queue: 0) { #expect($0.tag == size) }
    }
    #expect(bench.controller.faults.isEmpty)
    try bench.shutDown()
    #expect(bench.domain.isEmpty)
  }

  @Test func listPagesSufficeForTheWorstAlignmentAndAreNotWasted() {
    for kibibytes in stride(from: 4, through: 9000, by: 4) {
      let byteCount = UInt64(kibibytes) * 1024
      let entries = (byteCount + 4092 + 4095) / 4096 - 1
      // By hand: pages that hold `entries` addresses, each but the last giving one up.
      var pages = 0
      var room: UInt64 = 0
      while entries >= 2 && room < entries {
        room += pages == 0 ? 512 : 511
        pages += 1
      }
      #expect(PRPList.listPages(forTransfersUpTo: byteCount) == pages, "\(byteCount)")
    }
  }
}
