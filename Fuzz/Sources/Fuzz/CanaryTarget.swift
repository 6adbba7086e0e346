import KernelTraces

/// Traps at a map by a processor above 8, of which no seed has one: the fuzzer has to change that
/// number and to leave the rest of the line a map.
enum CanaryTarget {
  static func test(_ bytes: [UInt8]) {
    var parser = TraceParser(file: "input", onMalformedLine: .countAndContinue)
    parser.append(bytes)
    parser.finish()
    do throws(TraceError) {
      while let event = try parser.next() {
        if case .mapPages = event.kind, event.cpu > 8 { fatalError("the canary") }
      }
    } catch {
      // What is no trace has no events.
    }
  }
}
