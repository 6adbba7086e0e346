extension TimelineWriter {
  mutating func drawStart(
    _ map: RecordedMap, _ operation: RecordedOperation, _ output: inout [UInt8]
  ) {
    if counts.mappings >= slicesMax {
      counts.mappingsLeftOut += 1
      return
    }
    counts.mappings += 1
    drawn[map.mapping] = operation.cpu
    nameThread(operation.cpu, &output)
    writeSlice("b", map.mapping, operation.cpu, operation.time, &output)
    output.append(text: ",\"args\":{\"mapping\":\(map.mapping),\"pages\":\(map.pageCount)")
    if let direction = map.direction { output.append(text: ",\"direction\":\"\(direction.word)\"") }
    writeRange(map.first, map.last, &output)
    output.append(text: "}}")
  }

  func drawEnd(
    _ mapping: UInt64, _ cpu: Int, _ time: UInt64, _ end: String, _ output: inout [UInt8]
  ) {
    writeSlice("e", mapping, cpu, time, &output)
    output.append(text: ",\"args\":{\"unmap\":\"\(end)\"}}")
  }

  mutating func draw(
    _ invalidation: RecordedInvalidation, _ operation: RecordedOperation, _ output: inout [UInt8]
  ) {
    let isGlobal = invalidation.scope == .global
    if (isGlobal ? globals : ranges) >= slicesMax {
      counts.invalidationsLeftOut += 1
      return
    }
    if isGlobal { globals += 1 } else { ranges += 1 }
    counts.invalidations += 1
    nameThread(operation.cpu, &output)
    writeInstant("t", operation, &output)
    output.append(text: ",\"name\":\"\(invalidation.scope.word)\",\"args\":{\"pages\":")
    output.append(decimal: RecordedMappings.pageCount(invalidation.first, invalidation.last))
    output.append(text: ",\"cause\":\"\(invalidation.cause.word)\"")
    writeRange(invalidation.first, invalidation.last, &output)
    output.append(text: "}}")
  }

  mutating func drawMark(
    _ text: String, _ operation: RecordedOperation, _ output: inout [UInt8]
  ) {
    if counts.marks >= slicesMax {
      counts.marksLeftOut += 1
      return
    }
    counts.marks += 1
    nameThread(operation.cpu, &output)
    writeInstant("g", operation, &output)
    output.append(text: ",\"name\":")
    output.append(json: text)
    output.append(text: "}")
  }

  /// Writes an instant up to its time: on a thread's track, scope `t`, or on all, scope `g`.
  private func writeInstant(
    _ scope: String, _ operation: RecordedOperation, _ output: inout [UInt8]
  ) {
    output.append(text: ",\n{\"ph\":\"i\",\"s\":\"\(scope)\",\"pid\":1")
    output.append(text: ",\"tid\":\(operation.cpu + 1),\"ts\":")
    output.append(time: operation.time, unit: 1_000)
  }

  /// Names the track of a processor's invalidations when it is first used.
  private mutating func nameThread(_ cpu: Int, _ output: inout [UInt8]) {
    if !named.insert(cpu).inserted { return }
    output.append(
      text: ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":\(cpu + 1),\"name\":\"thread_name\","
        + "\"args\":{\"name\":\"invalidations of processor \(cpu)\"}}")
  }

  private func writeSlice(
    _ phase: String, _ mapping: UInt64, _ cpu: Int, _ time: UInt64, _ output: inout [UInt8]
  ) {
    output.append(text: ",\n{\"ph\":\"\(phase)\",\"cat\":\"map\",\"id\":\(mapping)")
    output.append(text: ",\"pid\":1,\"tid\":\(cpu + 1),\"ts\":")
    output.append(time: time, unit: 1_000)
    output.append(text: ",\"name\":\"mappings of processor \(cpu)\"")
  }

  private func writeRange(_ first: UInt64, _ last: UInt64, _ output: inout [UInt8]) {
    output.append(text: ",\"first\":")
    output.append(address: first)
    output.append(text: ",\"last\":")
    output.append(address: last)
  }
}
