import Testing

@testable import IOMMUTool

@Suite struct QuantityTests {
  @Test(
    "A number with a unit is read exactly",
    arguments: [
      ("1GiB", Quantity.byteCount, UInt64(1 << 30)), ("0.5KiB", .byteCount, 512),
      ("0B", .byteCount, 0), ("1.5us", .cost, 1_500_000), ("0.3ns", .cost, 300),
      ("12.5%", .share, 125), ("0.25", .share, 250), ("18446744073709551615", .count, .max),
      ("18.446744073709551615s", .time, 0),
    ])
  func readsExactly(text: String, quantity: Quantity, value: UInt64) throws {
    // The last case is finer than a nanosecond and has to be refused.
    if value == 0, text != "0B" {
      #expect(throws: SpellingError.self) { try quantity.parse(SpellingPiece(text[...])) }
    } else {
      #expect(try quantity.parse(SpellingPiece(text[...])) == value)
    }
  }

  @Test("Too many digits, or a number beyond 64 bits, is refused and never traps")
  func refusesWhatDoesNotFit() {
    for text in [
      "18446744073709551616ns", "18446744073.709551616s", "1.\(String(repeating: "1", count: 40))s",
    ] {
      #expect(throws: SpellingError.self) { try Quantity.time.parse(SpellingPiece(text[...])) }
    }
  }

  @Test("Printing a value and reading it gives the value")
  func printingRoundTrips() throws {
    for quantity in [Quantity.time, .cost, .byteCount, .count] {
      for shift in UInt64(0)..<64 {
        let values: [UInt64] = [1 << shift, (1 << shift) &* 1_000, .max >> shift]
        for value in values {
          let text = quantity.spelling(of: value)
          #expect(try quantity.parse(SpellingPiece(text[...])) == value)
        }
      }
    }
  }

  @Test(
    "The nearest name is proposed only where it is near",
    arguments: [
      ("zmv", "did you mean 'zvm'?"), ("LPAR", "did you mean 'lpar'?"),
      ("qemu", "expected zvm or lpar"), ("", "expected zvm or lpar"),
    ])
  func nearestNames(text: String, hint: String) {
    #expect(NearestName.hint(for: text, among: ["zvm", "lpar"]) == hint)
  }
}
