import IOMMU
import InterleavingExplorer
import Synchronization
import Testing

#if InterleavingExploration
/// What moving cache lines costs, on programs whose cost can be worked out by hand.
struct LineMeterTests {
  private final class Words: Sendable {
    let lock = SpinLock("the lock", lines: 2)
    let word = SharedObject("the word")
  }

  private var prices: LinePrices {
    var prices = LinePrices()
    prices.near = 1_000
    prices.far = 10_000
    prices.chip = 2
    prices.instruction = 100
    return prices
  }

  /// `count` processors that do `step` ten times each, of which all count.
  private func run(_ count: Int, _ step: @escaping (Words, Int) -> Void) -> LineReport {
    meterCacheLines(prices) {
      let words = Words()
      return (0..<count).map { number in
        {
          MeteredProcessor.begin()
          for _ in 0..<10 {
            MeteredProcessor.work(instructions: 10)
            step(words, number)
            MeteredProcessor.countOperation()
          }
          MeteredProcessor.end()
        }
      }
    }
  }

  @Test("a processor alone pays for its instructions and nothing else")
  func alone() {
    let report = run(1) { words, _ in words.lock.withLock {} }
    // Ten times ten instructions of 100 ps: one operation in a nanosecond.
    #expect(report.operations == 10)
    #expect(report.rate == 1e9)
    #expect(report.transfers == 0)
    #expect(report.lines.isEmpty)
  }

  @Test("reading is shared: each reader fetches the line once")
  func readers() {
    let report = run(4) { words, _ in YieldPoint.reached(.load, words.word) }
    // The first finds it in no other cache; the other three fetch it.
    #expect(report.transfers == 3)
    #expect(report.lines.map(\.name) == ["the word"])
  }

  @Test("a written line moves at each write, and those who want it wait for each other")
  func writers() throws {
    let report = run(2) { words, _ in YieldPoint.reached(.store, words.word) }
    // What counts ends with the first of the two.
    #expect(report.operations >= 19)
    #expect(report.transfers >= 18)
    // All but the first write wait for the line: a nanosecond for each is the least.
    let line = try #require(report.lines.first)
    #expect(line.nanoseconds >= 18)
    #expect(report.rate < 1.2e9)
  }

  @Test("what is written by its own processor alone never moves")
  func ownWords() {
    let report = meterCacheLines(prices) {
      let words = [Words(), Words()]
      return words.indices.map { number in
        {
          MeteredProcessor.begin()
          for _ in 0..<10 {
            MeteredProcessor.work(instructions: 10)
            YieldPoint.reached(.store, words[number].word)
            MeteredProcessor.countOperation()
          }
        }
      }
    }
    #expect(report.transfers == 0)
    #expect(report.rate == 2e9)
  }

  @Test("a chip farther away costs more")
  func chips() {
    let near = run(2) { words, _ in YieldPoint.reached(.store, words.word) }
    let far = meterCacheLines(prices) {
      let words = Words()
      // Processors 0 and 2 are on different chips.
      return (0..<3).map { number in
        {
          MeteredProcessor.begin()
          if number == 1 { return }
          for _ in 0..<10 {
            MeteredProcessor.work(instructions: 10)
            YieldPoint.reached(.store, words.word)
            MeteredProcessor.countOperation()
          }
        }
      }
    }
    #expect(far.transfers >= near.transfers)
    #expect(far.rate < near.rate / 5)
  }

  @Test("a lock is held by one at a time; its line and what it guards come over", arguments: 2...4)
  func locks(count: Int) throws {
    var inside = 0
    var most = 0
    let report = run(count) { words, _ in
      words.lock.withLock {
        inside += 1
        most = max(most, inside)
        YieldPoint.reached(.store, words.word)
        inside -= 1
      }
    }
    #expect(most == 1)
    #expect(report.operations >= UInt64(9 * count))
    let lock = try #require(report.lines.first { $0.name == "the lock" })
    // At least the lock's line and two more for each time it changes hands.
    #expect(lock.transfers >= 3 * UInt64(count - 1))
    #expect(report.rate < 1e9)
  }

  @Test("the same run gives the same report")
  func repeats() {
    let step: (Words, Int) -> Void = { words, number in
      words.lock.withLock { if number % 2 == 0 { YieldPoint.reached(.store, words.word) } }
      YieldPoint.reached(.load, words.word)
    }
    let first = run(7, step)
    #expect(first.transfers > 0)
    for _ in 0..<3 { #expect(run(7, step) == first) }
  }
}
#endif
