/// Writes recorded operations for other programs: one line each, as JSON or comma-separated.
///
/// JSON Lines: every line is an object with `time` (seconds of the trace's clock, as many decimals
/// as needed), `cpu`, `task`, `operation`, and by operation
///
/// | operation | keys |
/// |---|---|
/// | `map` | `mapping`, `direction` or null, `first`, `last`, `pages`, `list`, `segments` |
/// | each of the segments | `first`, `last`, `physical` or null, `physicalIsShifted` |
/// | `unmap` | `mapping`, `cause`: `recorded`, or `implied` by the next use of its addresses |
/// | `unmap-part` | `mapping`, `first`, `last` |
/// | `invalidate` | `scope`, `first`, `last`, `cause`: what for |
/// | `mark` | `text` |
///
/// Addresses are texts in hexadecimal, because JSON's numbers hold 53 bits for sure. CSV has one
/// column for each of these but for the segments: a mapping's `first` and `last` hold them all.
public struct OperationWriter: Sendable {
  /// What a line looks like.
  public enum Form: Sendable {
    /// JSON Lines.
    case jsonLines
    /// Comma-separated values, RFC 4180 with line feeds.
    case csv
  }

  /// What a line looks like.
  public let form: Form
  /// The operations written.
  public private(set) var operations = 0

  /// A writer at the start of a trace.
  public init(_ form: Form) { self.form = form }

  /// The line that CSV starts with.
  static let csvHeader =
    "time,cpu,task,operation,mapping,direction,first,last,pages,scope,cause,text\n"

  /// Adds all operations of `work` to `output` and forgets them.
  public mutating func takeAll(from work: inout RecordedWork, into output: inout [UInt8]) {
    for operation in work.operations {
      if form == .csv {
        if operations == 0 { output.append(text: Self.csvHeader) }
        writeCSV(operation, work, &output)
      } else {
        writeJSON(operation, work, &output)
      }
      operations += 1
    }
    work.removeAll()
  }

  private func writeJSON(
    _ operation: RecordedOperation, _ work: RecordedWork, _ output: inout [UInt8]
  ) {
    output.append(text: "{\"time\":")
    output.append(time: operation.time, unit: 1_000_000_000)
    output.append(text: ",\"cpu\":\(operation.cpu),\"task\":\(operation.task),\"operation\":\"")
    switch operation.kind {
    case .map(let map):
      output.append(text: "map\",\"mapping\":\(map.mapping),\"direction\":")
      output.append(text: map.direction.map { "\"\($0.word)\"" } ?? "null")
      writeRange(map.first, map.last, &output)
      output.append(text: ",\"pages\":\(map.pageCount),\"list\":\(map.isScatterGather)")
      writeSegments(work.segments(of: map), &output)
    case .unmap(let mapping, let cause):
      output.append(text: "unmap\",\"mapping\":\(mapping),\"cause\":\"\(cause.word)\"")
    case .unmapPart(let mapping, let first, let last):
      output.append(text: "unmap-part\",\"mapping\":\(mapping)")
      writeRange(first, last, &output)
    case .invalidate(let invalidation):
      output.append(text: "invalidate\",\"scope\":\"\(invalidation.scope.word)\"")
      writeRange(invalidation.first, invalidation.last, &output)
      output.append(text: ",\"cause\":\"\(invalidation.cause.word)\"")
    case .mark(let index):
      output.append(text: "mark\",\"text\":")
      output.append(json: work.marks[index])
    }
    output.append(text: "}\n")
  }

  private func writeRange(_ first: UInt64, _ last: UInt64, _ output: inout [UInt8]) {
    output.append(text: ",\"first\":")
    output.append(address: first)
    output.append(text: ",\"last\":")
    output.append(address: last)
  }

  private func writeSegments(
    _ segments: ArraySlice<RecordedSegment>, _ output: inout [UInt8]
  ) {
    output.append(text: ",\"segments\":[")
    for (index, segment) in segments.enumerated() {
      output.append(text: index == 0 ? "{\"first\":" : ",{\"first\":")
      output.append(address: segment.first)
      output.append(text: ",\"last\":")
      output.append(address: segment.last)
      output.append(text: ",\"physical\":")
      var isShifted = false
      switch segment.physical {
      case .address(let address): output.append(address: address)
      case .pseudo(let address):
        output.append(address: address)
        isShifted = true
      case .unknown: output.append(text: "null")
      }
      output.append(text: ",\"physicalIsShifted\":\(isShifted)}")
    }
    output.append(text: "]")
  }

  private func writeCSV(
    _ operation: RecordedOperation, _ work: RecordedWork, _ output: inout [UInt8]
  ) {
    output.append(time: operation.time, unit: 1_000_000_000)
    output.append(text: ",\(operation.cpu),\(operation.task),")
    func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
    switch operation.kind {
    case .map(let map):
      output.append(
        text: "map,\(map.mapping),\(map.direction?.word ?? ""),\(hex(map.first)),\(hex(map.last)),"
          + "\(map.pageCount),,,")
    case .unmap(let mapping, let cause):
      output.append(text: "unmap,\(mapping),,,,,,\(cause.word),")
    case .unmapPart(let mapping, let first, let last):
      output.append(text: "unmap-part,\(mapping),,\(hex(first)),\(hex(last)),,,,")
    case .invalidate(let invalidation):
      output.append(
        text: "invalidate,,,\(hex(invalidation.first)),\(hex(invalidation.last)),,"
          + "\(invalidation.scope.word),\(invalidation.cause.word),")
    case .mark(let index):
      output.append(text: "mark,,,,,,,,")
      output.append(csv: work.marks[index])
    }
    output.append(.lineFeed)
  }
}
