import TestSupport
import Testing

@testable import IOMMU

/// Runs of pages in chunks and across them, against a look at each page.
@Suite struct RunTreeTests {
  @Test(arguments: [1, 2, 3, 5, 8, 13])
  func findsWhatALookAtEachPageFinds(chunks: Int) {
    var random = SplitMix64(seed: UInt64(chunks))
    let tree = RunTree(chunkCount: chunks)
    var pages = [Bool](repeating: true, count: chunks * 256)
    for _ in 0..<60 {
      let number = random.number(below: chunks)
      let bits = randomBits(&random)
      for page in 0..<256 { pages[number * 256 + page] = bits.contains(page) }
      tree.update(number, to: RunSummary(bits))
      let longest = UInt64(longestRun(pages))
      #expect(longest == 0 || tree.firstBeginning(ofRun: longest, from: 0) != nil)
      #expect(tree.firstBeginning(ofRun: longest + 1, from: 0) == nil)
      for _ in 0..<8 {
        let (count, first) = (1 + random.number(below: chunks * 256), random.number(below: chunks))
        let wanted = beginning(ofRun: count, in: pages, from: first * 256).map { $0 / 256 }
        #expect(tree.firstBeginning(ofRun: UInt64(count), from: first) == wanted)
      }
    }
  }

  @Test func runsOfAChunk() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<2_000 {
      let bits = randomBits(&random)
      let pages = (0..<256).map { bits.contains($0) }
      let longest = longestRun(pages)
      let (first, second) = bits.longestRuns
      #expect(first.count == longest)
      #expect(first.allSatisfy { pages[$0] })
      if let second {
        var others = pages
        others.replaceSubrange(first, with: repeatElement(false, count: first.count))
        #expect(second == longestRun(others))
      }
      let count = 1 + random.number(below: 256)
      #expect(bits.firstRun(of: count) == beginning(ofRun: count, in: pages, from: 0))
      let page = bits.firstPage(from: random.number(below: 256))
      if page == 256 { continue }
      let run = bits.run(around: page)
      #expect(run.contains(page) && run.allSatisfy { pages[$0] })
      #expect(run.lowerBound == 0 || !pages[run.lowerBound - 1])
      #expect(run.upperBound == 256 || !pages[run.upperBound])
    }
  }

  @Test func aSummaryFollowsPagesThatComeBack() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      var bits = randomBits(&random)
      var summary = RunSummary(bits)
      while !bits.isFull {
        let first = bits.inverted.firstPage(from: 0)
        let end = min(first + 1 + random.number(below: 9), bits.inverted.runEnd(from: first))
        bits.formUnion(PageBits(from: first, to: end))
        summary = summary.including(bits.run(around: first))
        #expect(summary == RunSummary(bits))
      }
    }
  }

  /// Some stretches of pages, or none, or all, or many that are short.
  private func randomBits(_ random: inout SplitMix64) -> PageBits {
    var bits = random.number(below: 2) == 0 ? PageBits() : .all
    if random.number(below: 3) == 0 {
      for word in 0..<4 { bits.words[word & 3] = random.next() & random.next() | random.next() }
    }
    for _ in 0..<random.number(below: 12) {
      let first = random.number(below: 256)
      let stretch = PageBits(from: first, to: min(256, first + 1 + random.number(below: 90)))
      if random.number(below: 2) == 0 {
        bits.formUnion(stretch)
      } else {
        bits = bits.subtracting(stretch)
      }
    }
    return bits
  }

  private func longestRun(_ pages: [Bool]) -> Int {
    var (longest, run) = (0, 0)
    for isIn in pages {
      run = isIn ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  private func beginning(ofRun count: Int, in pages: [Bool], from first: Int) -> Int? {
    var run = 0
    for page in first..<pages.count {
      run = pages[page] ? run + 1 : 0
      if run == count { return page - count + 1 }
    }
    return nil
  }
}

extension PageBits {
  fileprivate func contains(_ page: Int) -> Bool { words[page >> 6] >> UInt64(page & 63) & 1 == 1 }
}

extension SplitMix64 {
  fileprivate mutating func number(below limit: Int) -> Int { Int(below(UInt64(limit))) }
}
