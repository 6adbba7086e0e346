import SystemPackage

/// Kernel traces in files: plain text, or packed with xz, zstd or gzip.
///
///     let statistics = try await TraceFile.read("linux-6.12.ftrace.xz") { event, parser in
///       if case .mark = event.kind { print(parser.markText) }
///     }
///
/// | feature | value | note |
/// |---|---|---|
/// | ftrace | yes | tracefs file `trace`, with or without the column of flags |
/// | trace-cmd report, perf script | yes | default fields |
/// | xz, zstd, gzip | yes | by their own programs, told by the first bytes |
///
/// Anything absent is unsupported.
public enum TraceFile {
  /// The most bytes read at once.
  static let chunkLength = 1 << 18

  /// Reads a trace from its start to its end and hands each event to `body`.
  ///
  /// Complexity: O(n) in the file's bytes, with memory for one chunk and one line. Context: any;
  /// `body` is called in order and never at the same time. Throws: `TraceError`, after `body` has
  /// had the events before the place of the error.
  @discardableResult
  public nonisolated(nonsending) static func read(
    _ path: String, onMalformedLine policy: MalformedLinePolicy = .stop,
    _ body: (TraceEvent, borrowing TraceParser) -> Void
  ) async throws(TraceError) -> TraceStatistics {
    try await read(path, unpackedAs: nil, onMalformedLine: policy, body)
  }

  /// Reads a trace as above and hands each line to `body`, also those without an event.
  @discardableResult
  public nonisolated(nonsending) static func readLines(
    _ path: String, onMalformedLine policy: MalformedLinePolicy = .stop,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) async throws(TraceError) -> TraceStatistics {
    try await readLines(path, unpackedAs: nil, onMalformedLine: policy, body)
  }

  /// Reads a trace as an archive of a given format, or of the one that its first bytes tell.
  @discardableResult
  nonisolated(nonsending) static func read(
    _ path: String, unpackedAs known: Archive?,
    onMalformedLine policy: MalformedLinePolicy = .stop,
    _ body: (TraceEvent, borrowing TraceParser) -> Void = { _, _ in }
  ) async throws(TraceError) -> TraceStatistics {
    try await readLines(path, unpackedAs: known, onMalformedLine: policy) { line, parser in
      if case .event(let event) = line { body(event, parser) }
    }
  }

  private nonisolated(nonsending) static func readLines(
    _ path: String, unpackedAs known: Archive?, onMalformedLine policy: MalformedLinePolicy,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) async throws(TraceError) -> TraceStatistics {
    let descriptor = try open(path)
    var parser = TraceParser(file: path, onMalformedLine: policy)
    do throws(TraceError) {
      let magic = try descriptor.firstBytes(Archive.magicLength, of: path)
      if let archive = known ?? Archive(magic: magic) {
        try await unpack(archive, from: descriptor, into: &parser, body)
      } else {
        try readPlain(descriptor, into: &parser, body)
      }
      parser.finish()
      try drain(&parser, body)
    } catch {
      try descriptor.close(path)
      throw error
    }
    try descriptor.close(path)
    return parser.statistics
  }

  /// Hands on the lines that the parser can give without more bytes.
  static func drain(
    _ parser: inout TraceParser, _ body: (TraceLine, borrowing TraceParser) -> Void
  ) throws(TraceError) {
    while let line = try parser.nextLine() { body(line, parser) }
  }

  private static func open(_ path: String) throws(TraceError) -> FileDescriptor {
    do {
      return try FileDescriptor.open(FilePath(path), .readOnly)
    } catch let error as Errno where error == .noSuchFileOrDirectory {
      throw TraceError(file: path, line: 0, column: 0, problem: .missingFile)
    } catch {
      throw TraceError(file: path, line: 0, column: 0, problem: .unreadable(reason: "\(error)"))
    }
  }

  private static func readPlain(
    _ descriptor: FileDescriptor, into parser: inout TraceParser,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) throws(TraceError) {
    while try parser.append(from: descriptor) { try drain(&parser, body) }
  }
}

extension FileDescriptor {
  /// The file's first bytes, fewer where it is shorter; the position stays at the start.
  ///
  /// A pipe cannot be looked at without taking from it, so it always counts as plain text.
  fileprivate func firstBytes(_ count: Int, of path: String) throws(TraceError) -> [UInt8] {
    do {
      return try peek(count)
    } catch let error as Errno where error == .illegalSeek {
      return []
    } catch {
      throw TraceError(file: path, line: 0, column: 0, problem: .unreadable(reason: "\(error)"))
    }
  }

  fileprivate func close(_ path: String) throws(TraceError) {
    do {
      try close()
    } catch {
      throw TraceError(file: path, line: 0, column: 0, problem: .unreadable(reason: "\(error)"))
    }
  }
}
