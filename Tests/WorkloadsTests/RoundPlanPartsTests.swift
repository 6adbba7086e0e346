import Testing
import Workloads

@Suite("Parts of a plan") struct RoundPlanPartsTests {
  private let whole = RoundPlan(
    depth: 8,
    sizes: [RoundPlan.Size(blocks: 8, weight: 1), RoundPlan.Size(blocks: 128, weight: 1)],
    writePercent: 50, buffersPerPlace: 2, seed: 11, blockCount: 10_007)

  @Test("Requests of different parts never meet, and stay on the disk", arguments: [1, 2, 3, 4])
  func apart(_ count: Int) {
    var before: UInt64 = 0
    for index in 0..<count {
      let part = whole.part(index, of: count)
      #expect(part.isValid)
      let requests = (0..<4_000 as Range<UInt64>).map(part.request)
      let first = requests.map(\.lba).min() ?? 0
      let end = requests.map { $0.lba + UInt64($0.blocks) }.max() ?? .max
      #expect(first >= before && first >= part.firstBlock)
      #expect(end <= part.firstBlock + part.blockCount && end <= whole.blockCount)
      before = end
    }
  }

  @Test("The only part is the plan itself; others have requests of their own")
  func own() {
    #expect(whole.part(0, of: 1) == whole)
    let parts = (0..<4).map { whole.part($0, of: 4) }
    let numbers = 0..<100 as Range<UInt64>
    for left in 0..<4 {
      for right in 0..<left {
        let kinds = parts[left].request
        let others = parts[right].request
        #expect(numbers.map { kinds($0).blocks } != numbers.map { others($0).blocks })
      }
    }
  }

  @Test("A part that is too small for its requests is known")
  func small() {
    var plan = whole
    plan.blockCount = 2 * 8 * 128
    #expect(plan.part(1, of: 2).isValid && !plan.part(1, of: 3).isValid)
  }
}
