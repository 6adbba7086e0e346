import IOMMU
import MachineModel
import Testing

@testable import IOMMUTool

@Suite struct PointsFileTests {
  /// A complete file, so that a test changes just the line that it is about.
  static let complete = """
    machine: zvm
    workload: randread-4k-qd32
    seed: 7
    reference: legacy
    constants:
      rpcit.trap: {start: 10us, least: 1us, most: 1ms}
      cpu.treeStep:
    points:
      - policy: strict
        relative: 0.50
        error: 4%
        role: fit
      - policy: queue:8192,100ms
        iops: 55564.5
        error: 100
        role: fit
      - policy: queue:256,10ms
        relative: {below: 0.08}
        role: predict

    """

  @Test("Every key is read, with its unit and its place")
  func complete() throws {
    let file = try PointsFileReader.read(Self.complete)
    #expect(file.machine == .init(value: "zvm", line: 1, column: 10))
    #expect(file.workload.value == "randread-4k-qd32")
    #expect(file.seed == 7)
    #expect(file.reference == PolicyChoice(.legacy))
    #expect(file.constants.map(\.value.path) == ["rpcit.trap", "cpu.treeStep"])
    #expect(file.constants[0].value.start?.value == 10_000)
    #expect(file.constants[0].value.least?.value == 1_000)
    #expect(file.constants[0].value.most?.value == 1_000_000)
    #expect(file.constants[1].value.start == nil)
    #expect(
      file.points.map(\.value) == [
        CalibrationPoint(
          policy: PolicyChoice(.strict), figure: .relative,
          measurement: .value(0.5, error: 4.0 / 100 * 0.5), role: .fit),
        CalibrationPoint(
          policy: PolicyChoice(.queue(entries: 8_192, timeout: .milliseconds(100))),
          figure: .iops, measurement: .value(55_564.5, error: 100), role: .fit),
        CalibrationPoint(
          policy: PolicyChoice(.queue(entries: 256, timeout: .milliseconds(10))),
          figure: .relative, measurement: .bounds(above: nil, below: 0.08), role: .predict),
      ])
  }

  @Test("The shipped points are the published figures, and nothing is fitted to the bound")
  func shipped() throws {
    for name in PointsCatalog.names {
      let request = try CalibrationRequest(name)
      #expect(request.constants.count == request.file.constants.count)
      for point in request.file.points.map(\.value) {
        let published = try #require(PublishedFigures.relativeIOPS(of: point.policy))
        if PublishedFigures.isUpperBound(point.policy) {
          #expect(point.measurement == .bounds(above: nil, below: published))
          #expect(point.role == .predict)
        } else {
          guard case .value(let value, _) = point.measurement else { continue }
          #expect(value == published)
        }
      }
    }
  }

  @Test("Times and numbers can be fitted; sizes, words and flags cannot")
  func fittable() {
    for path in ["rpcit.pageChanged", "cpu.instruction", "nvme.channels", "nvme.jitter", "cpus"] {
      #expect(PointsFileReader.fittable.contains(path))
    }
    for path in ["name", "aperture.bytes", "translation.kind", "translation.allowsIdentity"] {
      #expect(!PointsFileReader.fittable.contains(path))
    }
  }

  @Test("A constant without bounds may go a hundredfold each way, within its key's range")
  func bounds() throws {
    let request = try CalibrationRequest("thread-2022")
    let trap = try #require(request.constants.first { $0.name == "rpcit.trap" })
    #expect(trap == FittedConstant(name: "rpcit.trap", start: 10_000, least: 100, most: 1_000_000))
  }

  @Test("Putting values into a machine and reading them gives the values, for every number")
  func numbers() throws {
    var machine = try MachineCatalog.machine("zvm")
    for key in MachineKey.all {
      guard let number = key.number else { continue }
      let value = max(number.range.lowerBound, min(number.range.upperBound, 77))
      number.set(value, &machine)
      #expect(number.value(machine) == value, "\(key.path)")
      var read = machine
      number.set(number.range.upperBound, &read)
      let text = number.quantity.decimalSpelling(of: value)
      try key.read(SpellingPiece(text[...]), &read)
      #expect(number.value(read) == value, "\(key.path) \(text)")
    }
  }

  @Test(
    "A number prints in its greatest unit, exactly",
    arguments: [
      (Quantity.time, 12_874, "12.874us"), (.time, 13_000, "13us"), (.time, 7, "7ns"),
      (.cost, 48_213, "48.213ns"), (.cost, 0, "0ps"), (.share, 125, "12.5%"), (.count, 65, "65"),
      (.byteCount, 1_536, "1536B"), (.instructions, 77, "0.077"), (.instructions, 2_500, "2.5"),
      (.share, 5, "0.5%"),
    ] as [(Quantity, UInt64, String)])
  func decimals(quantity: Quantity, value: UInt64, text: String) throws {
    #expect(quantity.decimalSpelling(of: value) == text)
    #expect(try quantity.parse(SpellingPiece(text[...])) == value)
  }
}
