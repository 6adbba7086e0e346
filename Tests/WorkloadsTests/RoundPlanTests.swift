import Testing
import Workloads

@Suite("A plan of rounds") struct RoundPlanTests {
  private let mixed = RoundPlan(
    depth: 32,
    sizes: [
      RoundPlan.Size(blocks: 8, weight: 4), RoundPlan.Size(blocks: 16, weight: 2),
      RoundPlan.Size(blocks: 128, weight: 1),
    ],
    writePercent: 33, buffersPerPlace: 48, seed: 7, blockCount: 131_072)

  @Test("Requests of a round never meet on the disk, and none leaves it")
  func apart() {
    #expect(mixed.isValid && mixed.longestRequest == 128)
    for round in 0..<200 as Range<UInt64> {
      var requests = (0..<32).map { mixed.request(round * 32 + $0) }
      #expect(requests.map(\.place) == Array(0..<32))
      requests.sort { $0.lba < $1.lba }
      for (left, right) in zip(requests, requests.dropFirst()) {
        #expect(left.lba + UInt64(left.blocks) <= right.lba)
      }
      #expect(requests.allSatisfy { $0.lba + UInt64($0.blocks) <= 131_072 })
    }
  }

  @Test("Sizes and directions come as often as they are asked for")
  func shares() {
    let requests = (0..<70_000 as Range<UInt64>).map { mixed.request($0) }
    for (blocks, share) in [(8, 4.0 / 7), (16, 2.0 / 7), (128, 1.0 / 7)] as [(UInt32, Double)] {
      let found = Double(requests.filter { $0.blocks == blocks }.count) / 70_000
      #expect(abs(found - share) < 0.01)
    }
    #expect(abs(Double(requests.filter(\.isWrite).count) / 70_000 - 0.33) < 0.01)
  }

  @Test("The seed decides, and nothing else does")
  func seeds() {
    var other = mixed
    other.seed = 8
    let numbers = 0..<100 as Range<UInt64>
    #expect(numbers.map(mixed.request) == numbers.map(mixed.request))
    #expect(numbers.map(mixed.request) != numbers.map(other.request))
  }

  @Test("Buffers begin at the offsets in turn, and fit their memory")
  func offsets() {
    var plan = mixed
    #expect(plan.offset(turn: 5) == 0 && plan.slotBytes == 128 * 512)
    plan.pageOffsets = [0, 2_048, 512]
    #expect((0..<6).map { plan.offset(turn: $0) } == [0, 2_048, 512, 0, 2_048, 512])
    #expect(plan.isValid && plan.slotBytes == 128 * 512 + 2_048)
    // A controller's pointers have no room for the low two bits.
    plan.pageOffsets = [0, 2]
    #expect(!plan.isValid)
    plan.pageOffsets = []
    #expect(!plan.isValid)
  }

  @Test("What cannot be carried out is known")
  func invalid() {
    var plan = mixed
    plan.blockCount = 32 * 128 - 1
    #expect(!plan.isValid)
    plan = mixed
    plan.depth = 0
    #expect(!plan.isValid)
    plan = mixed
    plan.sizes = []
    #expect(!plan.isValid)
    plan = mixed
    plan.sizes[0].weight = 0
    #expect(!plan.isValid)
    plan = mixed
    plan.writePercent = 101
    #expect(!plan.isValid)
  }
}
