import IOMMU
import Testing

@testable import MachineModel

/// A service without chance: reads 10 µs, writes 5 µs, flushes 3 µs, fetches 100 ns, no bus time.
func steadyService(channels: Int = 4) -> NVMeService {
  var service = NVMeService()
  service.fetchNanoseconds = 100
  service.readNanoseconds = 10_000
  service.writeNanoseconds = 5_000
  service.flushNanoseconds = 3_000
  service.channels = channels
  service.transferPicosecondsPerByte = 0
  service.jitterThousandths = 0
  return service
}

@Suite struct NVMeDeviceTests {
  /// The bytes of a block nobody wrote, from the words of the pattern's definition.
  static func pattern(_ lba: UInt64, bytes: Int = 4096) -> [UInt8] {
    var z = lba &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    return (0..<bytes).map { index in
      let word = z &+ UInt64(index / 8) &* 0x9e37_79b9_7f4a_7c15
      return UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8))
    }
  }

  func started(
    _ service: NVMeService = steadyService(), _ geometry: NVMeGeometry = NVMeGeometry(),
    queues: Int = 1
  ) -> (DeviceBench, DeviceHost) {
    let bench = DeviceBench(service: service, geometry: geometry)
    var host = DeviceHost(bench)
    host.enable()
    for queue in 1...queues { host.createPair(queue) }
    bench.interrupts = []
    return (bench, host)
  }

  @Test func registersTellWhatTheDeviceIsAndWhenItIsReady() {
    let bench = DeviceBench(service: steadyService())
    var host = DeviceHost(bench)
    #expect(host.read(0, width: 8) == 0x0000_0020_0a01_07ff)
    #expect(host.read(0) == 0x0a01_07ff && host.read(4) == 0x20)
    #expect(host.read(8) == 0x0001_0400 && host.read(0x1c) == 0)
    #expect(host.read(9, width: 1) == 4 && host.read(2, width: 2) == 0x0a01)
    host.write(15 | 15 << 16, 0x24)
    host.write(DeviceHost.submission(0), 0x28, width: 8)
    host.write(DeviceHost.completion(0) & 0xffff_ffff, 0x30)
    host.write(0x12, 0x34)
    #expect(host.read(0x30, width: 8) == DeviceHost.completion(0) | 0x12 << 32)
    host.write(0, 0x34)
    host.write(0x0046_0001, 0x14)
    #expect(host.read(0x1c) == 0)
    bench.run(until: 19_999)
    #expect(host.read(0x1c) == 0)
    bench.run(until: 20_000)
    #expect(host.read(0x1c) == 1)
    host.write(0x0046_4001, 0x14)
    #expect(host.read(0x1c) == 9)
    host.write(0x0046_0000, 0x14)
    #expect(host.read(0x1c) == 0)
    host.enable()
    #expect(host.read(0x1c) == 1)
  }

  @Test(arguments: [0x0046_0081, 0x0047_0001, 0x0046_0011] as [UInt64])
  func aConfigurationThatCannotBeIsFatal(configuration: UInt64) {
    let bench = DeviceBench(service: steadyService())
    let host = DeviceHost(bench)
    host.write(15 | 15 << 16, 0x24)
    host.write(0x10000, 0x28, width: 8)
    host.write(0x18000, 0x30, width: 8)
    host.write(configuration, 0x14)
    bench.run()
    #expect(host.read(0x1c) == 2)
    host.write(0, 0x14)
    #expect(host.read(0x1c) == 0)
  }

  @Test func identifyTellsControllerAndNamespace() throws {
    var geometry = NVMeGeometry()
    geometry.blockCount = 0x1_2345
    geometry.blockLog2 = 9
    geometry.transferPagesLog2 = 5
    let (bench, started) = started(steadyService(), geometry)
    var host = started
    #expect(host.admin(6, prp1: 0x20_0000, dword10: 1)?.status == 0)
    #expect(bench.load64(0x20_0000) & 0xffff_ffff == 0x1b36_1b36)
    #expect(bench.memory[0x20_0000 + 77] == 5)
    #expect(bench.memory[0x20_0000 + 512] == 0x66 && bench.memory[0x20_0000 + 513] == 0x44)
    #expect(bench.memory[0x20_0000 + 516] == 1)
    #expect(Array(bench.memory[0x20_0004..<0x20_0006]) == [0x31, 0x20])
    #expect(host.admin(6, namespace: 1, prp1: 0x20_1000, dword10: 0)?.status == 0)
    #expect(bench.load64(0x20_1000) == 0x1_2345 && bench.load64(0x20_1080) == 9 << 16)
    #expect(host.admin(6, namespace: 0, prp1: 0x20_1000, dword10: 2)?.status == 0)
    #expect(bench.load64(0x20_1000) == 1 && bench.load64(0x20_1008) == 0)
    #expect(host.admin(6, namespace: 2, prp1: 0x20_1000, dword10: 0)?.status == 0x0b)
    #expect(host.admin(6, prp1: 0x20_1000, dword10: 0x1f)?.status == 0x02)
    #expect(host.admin(9, dword10: 7, dword11: 3 | 3 << 16)?.result == 62 | 62 << 16)
    #expect(host.admin(10, dword10: 7)?.result == 62 | 62 << 16)
    #expect(host.admin(9, dword10: 7, dword11: 0xffff)?.status == 0x02)
    #expect(host.admin(9, dword10: 8)?.status == 0x02)
    #expect(host.admin(0x7f)?.status == 0x01)
  }

  @Test func queuesAreCreatedAndDeletedOnlyAsTheyMayBe() {
    let (_, started) = started()
    var host = started
    let size: UInt64 = 15 << 16
    // Completion queues: identifier, size, contiguity, vector, address.
    #expect(host.admin(5, prp1: 0x20_0000, dword10: size, dword11: 1)?.status == 0x101)
    #expect(host.admin(5, prp1: 0x20_0000, dword10: size | 1, dword11: 1)?.status == 0x101)
    #expect(host.admin(5, prp1: 0x20_0000, dword10: size | 64, dword11: 1)?.status == 0x101)
    #expect(host.admin(5, prp1: 0x20_0000, dword10: 2, dword11: 1)?.status == 0x102)
    #expect(host.admin(5, prp1: 0x20_0000, dword10: 2048 << 16 | 2, dword11: 1)?.status == 0x102)
    #expect(host.admin(5, prp1: 0x20_0000, dword10: size | 2, dword11: 0)?.status == 0x02)
    #expect(
      host.admin(5, prp1: 0x20_0000, dword10: size | 2, dword11: 64 << 16 | 3)?.status == 0x108)
    #expect(host.admin(5, prp1: 0x20_0008, dword10: size | 2, dword11: 1)?.status == 0x13)
    // Submission queues: the completion queue has to be there.
    #expect(
      host.admin(1, prp1: 0x20_0000, dword10: size | 2, dword11: 2 << 16 | 1)?.status == 0x100)
    #expect(
      host.admin(1, prp1: 0x20_0000, dword10: size | 1, dword11: 1 << 16 | 1)?.status == 0x101)
    #expect(host.admin(1, prp1: 0x20_0000, dword10: size | 2, dword11: 1 << 16 | 1)?.status == 0)
    #expect(host.admin(4, dword10: 1)?.status == 0x10c)
    #expect(host.admin(4, dword10: 9)?.status == 0x101)
    #expect(host.admin(0, dword10: 0)?.status == 0x101)
    #expect(host.admin(0, dword10: 1)?.status == 0)
    #expect(host.admin(0, dword10: 2)?.status == 0)
    #expect(host.admin(4, dword10: 1)?.status == 0)
  }

  @Test func aReadGivesThePatternAndRaisesItsVector() {
    let (bench, started) = started()
    var host = started
    let begin = bench.time
    host.putRead(1, identifier: 9, lba: 0x7ff_ffff, prp1: 0x20_0000)
    host.ring(1)
    bench.run()
    #expect(host.take(1) == [.init(queue: 1, identifier: 9, status: 0, result: 0)])
    #expect(bench.time == begin + 10_100)
    #expect(bench.interrupts.map(\.vector) == [1])
    #expect(Array(bench.memory[0x20_0000..<0x20_1000]) == Self.pattern(0x7ff_ffff))
    #expect(bench.device.totals.reads == 1)
  }

  @Test func listsAreFollowedFromPageToPage() {
    var geometry = NVMeGeometry()
    geometry.transferPagesLog2 = 9
    let (bench, started) = started(steadyService(), geometry)
    var host = started
    // One page, two pages, then a list; each with and without an offset in the first page.
    for (blocks, offset) in [(1, 0), (1, 8), (2, 0), (2, 2048), (5, 4), (5, 0)]
      as [(UInt64, UInt64)]
    {
      let target: UInt64 = 0x20_0000
      let pages = (offset + blocks * 4096 + 4095) / 4096
      for page in 1..<max(pages, 2) {
        bench.store64(target + page * 4096, 0x10_0000 + page * 8 - 8)
      }
      let second = pages > 2 ? 0x10_0000 : pages == 2 ? target + 4096 : 0
      host.putRead(1, identifier: 1, lba: 40, blocks: blocks, prp1: target + offset, prp2: second)
      host.ring(1)
      bench.run()
      #expect(host.take(1).map(\.status) == [0])
      let expected = (0..<blocks).flatMap { Self.pattern(40 + $0) }
      let start = Int(target + offset)
      #expect(Array(bench.memory[start..<start + expected.count]) == expected)
    }
    // 512 pages from the middle of a page: 512 entries, which one page of a list just holds.
    for page in 1...512 as ClosedRange<UInt64> {
      bench.store64(0x20_0000 + page % 8 * 4096, 0x10_0000 + page * 8 - 8)
    }
    host.putRead(1, identifier: 1, lba: 0, blocks: 512, prp1: 0x20_0800, prp2: 0x10_0000)
    // A list from the end of one page goes on in another: 7 entries, one of them a link.
    bench.store64(0x20_1000, 0x11_0ff0)
    bench.store64(0x11_8000, 0x11_0ff8)
    for page in 2..<7 as Range<UInt64> {
      bench.store64(0x20_0000 + page * 4096, 0x11_8000 + page * 8 - 16)
    }
    host.putRead(1, identifier: 2, lba: 90, blocks: 7, prp1: 0x20_0000, prp2: 0x11_0ff0)
    host.ring(1)
    bench.run()
    #expect(host.take(1).map(\.status) == [0, 0])
    #expect(Array(bench.memory[0x20_0000..<0x20_7000]) == (0..<7).flatMap { Self.pattern(90 + $0) })
  }

  @Test func whatIsWrittenIsReadBackAlsoAfterAReset() {
    let (bench, started) = started()
    var host = started
    let data = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    bench.memory.replaceSubrange(0x20_0100..<0x20_2100, with: data)
    bench.store64(0x20_1000, 0x10_0000)
    bench.store64(0x20_2000, 0x10_0008)
    host.putRead(1, identifier: 1, lba: 6, blocks: 2, prp1: 0x20_0100, prp2: 0x10_0000, opcode: 1)
    host.put(1, 0, identifier: 2)
    host.ring(1)
    bench.run()
    #expect(Set(host.take(1).map(\.identifier)) == [1, 2])
    #expect(bench.device.media.writtenBlocks == 2)
    bench.device.reset()
    #expect(host.read(0x14) == 0 && host.read(0x28, width: 8) == 0)
    host.enable()
    host.createPair(1)
    bench.store64(0x21_1000, 0x10_0000)
    bench.store64(0x21_2000, 0x10_0008)
    bench.store64(0x21_3000, 0x10_0010)
    host.putRead(1, identifier: 3, lba: 5, blocks: 4, prp1: 0x21_0000, prp2: 0x10_0000)
    host.ring(1)
    bench.run()
    #expect(host.take(1).map(\.status) == [0])
    #expect(
      Array(bench.memory[0x21_0000..<0x21_4000]) == Self.pattern(5) + data + Self.pattern(8))
    // Its own pattern written over it frees a block.
    bench.memory.replaceSubrange(0x20_0000..<0x20_1000, with: Self.pattern(6))
    host.putRead(1, identifier: 4, lba: 6, prp1: 0x20_0000, opcode: 1)
    host.ring(1)
    bench.run()
    #expect(bench.device.media.writtenBlocks == 1)
  }

  @Test func badCommandsEndWithTheirStatusAndTheDeviceGoesOn() {
    let (bench, started) = started()
    var host = started
    let last = UInt64(1) << 28
    host.putRead(1, identifier: 0, lba: last - 1, prp1: 0x20_0000)
    host.putRead(1, identifier: 1, lba: last, prp1: 0x20_0000)
    host.putRead(1, identifier: 2, lba: last - 1, blocks: 2, prp1: 0x20_0000, prp2: 0x20_1000)
    host.putRead(1, identifier: 3, lba: 0, blocks: 129, prp1: 0x20_0000)
    host.putRead(1, identifier: 4, lba: 0, prp1: 0x20_0002)
    host.putRead(1, identifier: 5, lba: 0, blocks: 2, prp1: 0x20_0000, prp2: 0x20_1004)
    host.put(1, 2, identifier: 6, namespace: 2, prp1: 0x20_0000)
    host.put(1, 0x55, identifier: 7)
    host.put(1, 2 | 1 << 14, identifier: 8)
    host.ring(1)
    host.write(16, 0x1008)
    host.write(3, 0x1010)
    host.write(1, 0x1ff8)
    bench.run()
    var statuses: [Int: Int] = [:]
    for completion in host.take(1) { statuses[completion.identifier] = completion.status }
    #expect(
      statuses == [0: 0, 1: 0x80, 2: 0x80, 3: 2, 4: 0x13, 5: 0x13, 6: 0x0b, 7: 1, 8: 2])
    #expect(bench.device.totals.badDoorbells == 3 && bench.device.totals.errors == 8)
  }
}
