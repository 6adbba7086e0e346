import KernelTraces
import MachineModel

/// A trace as the model repeats it, and what is to be said about it.
struct RecordedTrace: Sendable {
  /// The maps and unmaps.
  let stream: ReplayStream

  /// Lines for people: what was recorded, and what was lost or repaired.
  let notes: [String]

  /// Lines that were passed over, where there are any.
  let malformed: MalformedLines?

  /// Reads the trace at `path` once, from its start to its end.
  ///
  /// Malformed lines are passed over. Memory: that of the stream, not of the text. Throws: `trace`
  /// for a file that is not a whole trace, `malformed` for one in which nothing is mapped.
  init(_ path: String, _ progress: Progress) async throws(ToolError) {
    progress.show("reading \(path)")
    var recorder = ReplayRecorder()
    var mappings = RecordedMappings()
    var work = RecordedWork()
    let statistics: TraceStatistics
    do throws(TraceError) {
      statistics = try await TraceFile.read(
        path, onMalformedLine: .countAndContinue
      ) { event, parser in
        mappings.consume(event, from: parser, into: &work)
        if !work.operations.isEmpty { recorder.takeAll(from: &work) }
      }
    } catch {
      throw .trace(error)
    }
    if let truncation = statistics.truncation { throw .trace(truncation) }
    mappings.finish(into: &work)
    recorder.takeAll(from: &work)
    stream = recorder.finish()
    if stream.maps == 0 {
      throw .malformed(path: path, line: 1, column: 1, "the trace shows no mapping")
    }
    malformed = MalformedLines(statistics)
    notes = Self.notes(stream, mappings.summary, statistics)
  }

  private static func notes(
    _ stream: ReplayStream, _ summary: ReconciliationSummary, _ statistics: TraceStatistics
  ) -> [String] {
    let seconds = FixedDecimal.text(Double(stream.durationNanoseconds) / 1e9, decimals: 3) ?? "?"
    var lines = [
      "IOPS: maps per second of the processor time that mapping took; latency: until usable",
      "recorded: \(stream.maps) maps and \(stream.unmaps) unmaps in \(seconds) s "
        + "on \(summary.processors) processor\(summary.processors == 1 ? "" : "s")",
    ]
    let lost = statistics.lostEvents + statistics.overwrittenEvents
    let repairs = [
      (lost, "events lost by the kernel"),
      (UInt64(statistics.uncountedLosses), "losses of unknown size"),
      (UInt64(summary.lostMaps), "maps without an address left out"),
      (UInt64(summary.impliedUnmaps), "unmaps inferred from the next use of their addresses"),
      (UInt64(summary.unknownUnmaps), "unmaps of unknown addresses left out"),
      (UInt64(stream.partialUnmaps), "partial unmaps delayed to the last part"),
    ].filter { $0.0 > 0 }
    if !repairs.isEmpty {
      lines.append("repaired: " + repairs.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    }
    if let note = TraceNotes.malformed(statistics) { lines.append(note) }
    return lines
  }
}

extension ReplayRecorder {
  /// Moves the maps and unmaps out of `work`; what the kernel invalidated is the policy's now.
  fileprivate mutating func takeAll(from work: inout RecordedWork) {
    for operation in work.operations {
      switch operation.kind {
      case .map(let map):
        self.map(
          map.mapping, at: operation.time, cpu: operation.cpu, ReplayDirection(map.direction),
          work.segments(of: map).lazy.map { Bytes($0) })
      case .unmap(let mapping, _): unmap(mapping, at: operation.time, cpu: operation.cpu)
      case .unmapPart: unmapPart()
      case .invalidate, .mark: break
      }
    }
    work.removeAll()
  }
}

extension ReplayDirection {
  /// The direction as recorded; both ways where it is not known.
  fileprivate init(_ direction: TraceDirection?) {
    switch direction {
    case .toDevice: self = .toDevice
    case .fromDevice: self = .fromDevice
    case .bidirectional, .some(.none), nil: self = .bothWays
    }
  }
}

extension ReplayRecorder.Bytes {
  /// The bytes of a recorded segment.
  fileprivate init(_ segment: RecordedSegment) {
    let physical: UInt64? =
      switch segment.physical {
      case .address(let address), .pseudo(let address): address
      case .unknown: nil
      }
    self.init(
      physical: physical, pageOffset: segment.first,
      byteCountMinusOne: segment.last - segment.first)
  }
}
