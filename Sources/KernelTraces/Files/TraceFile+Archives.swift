import Subprocess
import SystemPackage

extension TraceFile {
  /// How much of an unpacker's complaint is kept, in bytes.
  private static let complaintLengthMax = 1 << 16

  /// Unpacks a file with a child process and parses what comes out, up to the last whole line.
  ///
  /// A damaged archive can give out damaged lines before its program notices, so an error of the
  /// parser is held back until the program has ended well.
  nonisolated(nonsending) static func unpack(
    _ archive: Archive, from descriptor: FileDescriptor, into parser: inout TraceParser,
    _ body: (TraceLine, borrowing TraceParser) -> Void
  ) async throws(TraceError) {
    let file = parser.file
    func failure(_ problem: TraceError.Problem) -> TraceError {
      TraceError(file: file, line: 0, column: 0, problem: problem)
    }
    var parserError: TraceError?
    do {
      let result = try await run(
        .name(archive.tool), arguments: ["-dc"],
        input: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
        output: .sequence, error: .string(limit: complaintLengthMax)
      ) { execution in
        for try await chunk in execution.standardOutput where parserError == nil {
          parser.append(chunk.bytes)
          do throws(TraceError) {
            try drain(&parser, body)
          } catch {
            parserError = error
          }
        }
      }
      guard case .exited(0) = result.terminationStatus else {
        throw failure(.damagedArchive(reason: firstLine(result.standardError)))
      }
    } catch let error as TraceError {
      throw error
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw failure(.missingTool(name: archive.tool, debianPackage: archive.debianPackage))
    } catch {
      throw failure(.unreadable(reason: "\(archive.tool): \(error)"))
    }
    if let parserError { throw parserError }
  }

  private static func firstLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).first
    return line.map { String($0) } ?? "its program gives no reason"
  }
}
