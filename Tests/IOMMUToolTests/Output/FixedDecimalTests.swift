import Testing

@testable import IOMMUTool

@Suite struct FixedDecimalTests {
  @Test(
    "A number has exactly the decimals asked for",
    arguments: [
      (0, 3, "0.000"), (1, 0, "1"), (0.9999, 3, "1.000"), (0.0005, 3, "0.000"),
      (0.0015, 3, "0.002"), (12.375, 2, "12.38"), (-0.0001, 3, "0.000"), (-1.5, 1, "-1.5"),
      (1e6, 1, "1000000.0"), (1e19, 3, "1e+19"),
    ] as [(Double, Int, String)])
  func decimals(value: Double, decimals: Int, text: String) {
    #expect(FixedDecimal.text(value, decimals: decimals) == text)
  }

  @Test("What is not finite has no decimals", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(value: Double) {
    #expect(FixedDecimal.text(value, decimals: 2) == nil)
  }
}
