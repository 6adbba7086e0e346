import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct ComparisonOutputTests {
  static let comparison = Comparison(
    machine: "zvm", workload: "a \"quoted\"\tname", reference: "legacy",
    rows: [
      ComparisonRow(
        policy: "legacy", iops: 73_421.25, relative: 1, published: 1,
        invalidations: .init(map: 1_000, unmap: 0, global: 2), invalidationsPerIO: 1.002,
        staleWindow: .init(maxMilliseconds: .infinity, meanMilliseconds: 812.5, pageSeconds: nil),
        latencyMicroseconds: .init(p50: 436.1875, p99: 501, p999: 40_000.5)),
      ComparisonRow(
        policy: "rollover,age=1ms", iops: nil, relative: nil, published: nil,
        invalidations: .init(map: 0, unmap: 12, global: 0), invalidationsPerIO: nil,
        staleWindow: .init(maxMilliseconds: 1.2, meanMilliseconds: 0, pageSeconds: 0.5),
        latencyMicroseconds: .init(p50: nil, p99: nil, p999: nil)),
    ])

  @Test("The table has aligned columns, units in its head, and a mark for what is not known")
  func table() {
    #expect(
      ComparisonTable.text(Self.comparison) == """
        machine zvm, workload a "quoted"\tname, relative to legacy

                                                      invalidations             \
            stale window             latency
        policy             IOPS  relative  published   map  unmap  global  \
        per I/O  max ms  mean ms  page s  p50 us  p99 us  p99.9 us
        ----------------  -----  --------  ---------  ----  -----  ------  \
        -------  ------  -------  ------  ------  ------  --------
        legacy            73421     1.000       1.00  1000      0       2    \
        1.002     inf  812.500       -   436.2   501.0   40000.5
        rollover,age=1ms      -         -          -     0     12       0       \
         -   1.200    0.000   0.500       -       -         -

        """)
  }

  @Test("JSON has the promised keys in the promised order, and null for what is not known")
  func json() {
    #expect(
      ComparisonJSON.text(Self.comparison) == """
        {
          "machine": "zvm",
          "workload": "a \\"quoted\\"\\tname",
          "reference": "legacy",
          "rows": [
            {
              "policy": "legacy",
              "iops": 73421.2,
              "relative": 1.0000,
              "published": 1.00,
              "invalidations": {
                "map": 1000,
                "unmap": 0,
                "global": 2
              },
              "invalidationsPerIO": 1.0020,
              "staleWindow": {
                "maxMilliseconds": null,
                "meanMilliseconds": 812.500,
                "pageSeconds": null
              },
              "latencyMicroseconds": {
                "p50": 436.188,
                "p99": 501.000,
                "p999": 40000.500
              }
            },
            {
              "policy": "rollover,age=1ms",
              "iops": null,
              "relative": null,
              "published": null,
              "invalidations": {
                "map": 0,
                "unmap": 12,
                "global": 0
              },
              "invalidationsPerIO": null,
              "staleWindow": {
                "maxMilliseconds": 1.200,
                "meanMilliseconds": 0.000,
                "pageSeconds": 0.500
              },
              "latencyMicroseconds": {
                "p50": null,
                "p99": null,
                "p999": null
              }
            }
          ]
        }

        """)
  }

  @Test("A comparison without rows is still a document")
  func empty() {
    let none = Comparison(machine: "m", workload: "w", reference: "legacy", rows: [])
    #expect(ComparisonJSON.text(none).hasSuffix("\"rows\": []\n}\n"))
  }

  @Test("Control characters are escaped")
  func controlCharacters() {
    #expect(JSONText.string("a\u{1}\\\n").text == "\"a\\u0001\\\\\\n\"")
  }
}
