import KernelTraces

/// Why the tool gave no result; each case has an exit code of its own.
enum ToolError: Error, Equatable {
  /// The command line asks for something that does not exist or makes no sense.
  case usage(String)

  /// A file that the command line names cannot be read.
  case missingInput(path: String, reason: String)

  /// A file was read and its content is wrong at that place; lines and columns count from 1.
  case malformed(path: String, line: Int, column: Int, String)

  /// A trace cannot be read; the error has its own exit code: 66 or 65 as above, or 69 where the
  /// program that unpacks the file is not installed.
  case trace(TraceError)

  /// Something that the run checks does not hold, and its figures mean nothing.
  case checkFailed(String)

  /// Something that the run checks does not hold; the report, which is printed, says what.
  case failedCheck(report: String, reason: String)

  /// A file for the result cannot be created.
  case cannotCreate(path: String, reason: String)

  /// The result cannot be written any further.
  case cannotWrite(path: String, reason: String)

  /// Something that the run needs is not installed or cannot be made.
  case unavailable(String)

  /// Another form of the tool did the work and failed; it has said why.
  case elsewhere(report: String, exitCode: Int32)

  /// The process's exit code; where `sysexits.h` has a number for the case, that one.
  var exitCode: Int32 {
    switch self {
    case .checkFailed, .failedCheck: 1
    case .usage: 64
    case .malformed: 65
    case .missingInput: 66
    case .trace(let error): error.exitCode
    case .unavailable: 69
    case .elsewhere(_, let exitCode): exitCode
    case .cannotCreate: 73
    case .cannotWrite: 74
    }
  }

  /// The reason in one line.
  var message: String {
    switch self {
    case .usage(let message), .checkFailed(let message), .unavailable(let message): message
    case .elsewhere: ""
    case .failedCheck(_, let reason): reason
    case .trace(let error): error.description
    case .missingInput(let path, let reason): "\(path): \(reason)"
    case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .malformed(let path, let line, let column, let message):
      "\(path):\(line):\(column): \(message)"
    }
  }
}
