import IOMMU
import Testing

@testable import IOMMUTool

@Suite struct PolicySpellingErrorTests {
  @Test(
    "A wrong spelling is refused at the character that is wrong",
    arguments: [
      (
        "", 1,
        "unknown policy nothing; expected identity, strict, legacy, legacy-strict, queue, "
          + "single-queue or rollover"
      ),
      ("stirct", 1, "unknown policy 'stirct'; did you mean 'strict'?"),
      ("rolover,age=1ms", 1, "unknown policy 'rolover'; did you mean 'rollover'?"),
      ("strict ", 1, "unknown policy 'strict '; did you mean 'strict'?"),
      ("strict:1", 7, "'strict' takes no parameters"),
      ("strict+", 8, "unknown modifier nothing; expected batch, reuse or piggyback"),
      ("strict+bach", 8, "unknown modifier 'bach'; did you mean 'batch'?"),
      ("strict+batch+batch", 14, "the modifier 'batch' is given twice"),
      ("queue", 6, "expected ':ENTRIES,TIMEOUT' after 'queue', as in queue:256,10ms"),
      ("queue:", 7, "expected a whole number, found nothing"),
      ("queue:256", 10, "expected ',TIMEOUT' after the entries, as in queue:256,10ms"),
      ("queue:256,10ms,5", 15, "expected nothing after the timeout, as in queue:256,10ms"),
      ("queue:256,10", 13, "expected a unit behind the number: ns, us, ms or s"),
      ("queue:256,10min", 13, "unknown unit 'min'; expected ns, us, ms or s"),
      ("queue:256,-1ms", 11, "expected a time such as 10ms, found '-1ms'"),
      ("queue:256,1.ms", 13, "expected digits after the point"),
      ("queue:256,1.5ns", 11, "the number is finer than 1ns, the smallest step"),
      ("queue:256,99999999999s", 11, "the number is too large"),
      ("queue:256x,1ms", 10, "expected a whole number, found 'x' behind the digits"),
      ("rollover:1ms", 9, "expected ',age=T' or ',stale=FRACTION' after 'rollover'"),
      ("rollover,", 10, "unknown bound nothing; expected age or stale"),
      ("rollover,agee=1ms", 10, "unknown bound 'agee'; did you mean 'age'?"),
      ("rollover,age", 13, "expected '=' and a value after 'age'"),
      ("rollover,age=1ms,age=2ms", 18, "the bound 'age' is given twice"),
      ("rollover,age=1ms,stale=x", 24, "expected a fraction such as 0.5 or 50%, found 'x'"),
    ])
  func wrongSpellings(text: String, column: Int, message: String) {
    #expect(throws: SpellingError(column: column, message)) { try PolicySpelling.parse(text) }
  }

  @Test(
    "A size that no queue can have is refused with the sizes that one can",
    arguments: ["0", "1", "3", "1000", "2097152", "18446744073709551615"])
  func impossibleRings(entries: String) {
    let message =
      "expected a power of two from 2 to 1048576, since the queue is a ring indexed by a mask, "
      + "found '\(entries)'"
    #expect(throws: SpellingError(column: 7, message)) {
      try PolicySpelling.parse("queue:\(entries),10ms")
    }
    #expect(throws: SpellingError(column: 14, message)) {
      try PolicySpelling.parse("single-queue:\(entries),10ms")
    }
  }

  @Test(
    "A share that is none or more than all is refused",
    arguments: ["0", "0%", "1.001", "101%", "2", "70000"])
  func impossibleShares(share: String) {
    let message = "expected a fraction above 0 and at most 1, such as 0.5 or 50%, found '\(share)'"
    #expect(throws: SpellingError(column: 16, message)) {
      try PolicySpelling.parse("rollover,stale=\(share)")
    }
  }

  @Test("A time of zero is refused with the reason")
  func impossibleTimes() {
    #expect(
      throws: SpellingError(
        column: 11,
        "expected a time longer than 0, found '0ms': "
          + "a queue without a timeout would never be drained in time")
    ) { try PolicySpelling.parse("queue:256,0ms") }
    #expect(
      throws: SpellingError(
        column: 14,
        "expected a time longer than 0, found '0ns': "
          + "'strict' is the policy that leaves nothing stale")
    ) { try PolicySpelling.parse("rollover,age=0ns") }
  }

  @Test("Arbitrary text never traps: it reads as a policy or is refused within its own length")
  func arbitraryText() {
    let pieces = [
      "queue", "rollover", ":", ",", "=", "+", "age", "stale", "256", "0", ".", "%", "ms",
    ]
    var state: UInt64 = 7
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    for _ in 0..<5_000 {
      let text = (0...next(9)).map { _ in pieces[next(pieces.count)] }.joined()
      do throws(SpellingError) {
        let choice = try PolicySpelling.parse(text)
        #expect(choice.policy.isValid)
      } catch {
        #expect((1...text.count + 1).contains(error.column), "\(text): \(error)")
      }
    }
  }
}
