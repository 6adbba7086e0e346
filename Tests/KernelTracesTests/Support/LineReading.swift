import KernelTraces

extension TraceParser {
  /// Hands each line of a whole text to `body`.
  static func lines(
    _ text: String, onMalformedLine policy: MalformedLinePolicy = .countAndContinue,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) throws(TraceError) -> TraceStatistics {
    var parser = TraceParser(file: "text", onMalformedLine: policy)
    parser.append(Array(text.utf8))
    parser.finish()
    while let line = try parser.nextLine() { body(line, parser) }
    return parser.statistics
  }
}

/// An event with everything that belongs to it, in words: two are equal where their words are.
func words(_ event: TraceEvent, _ parser: borrowing TraceParser) -> String {
  var words = "\(event.time) \(event.cpu) \(event.task) "
  switch event.kind {
  case .mark: words += "mark '\(parser.markText)'"
  case .other(let name): words += "other \(parser.text(of: name))"
  case .dmaMapScatterGather(let list):
    words += "sg \(parser.text(of: list.device)) \(list) \(parser.scatter)"
  case .dmaUnmapScatterGather(let list):
    words += "unsg \(parser.text(of: list.device)) \(list) \(parser.scatter)"
  case .dmaMap(let map): words += "\(parser.text(of: map.device)) \(map)"
  case .dmaUnmap(let unmap): words += "\(parser.text(of: unmap.device)) \(unmap)"
  default: words += "\(event.kind)"
  }
  return words
}
