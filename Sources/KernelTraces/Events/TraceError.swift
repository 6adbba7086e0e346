/// Why a trace cannot be read, and where.
public struct TraceError: Error, Equatable, Sendable {
  /// The file as the caller named it.
  public var file: String
  /// The line, from 1; 0 where the file as a whole is meant.
  public var line: Int
  /// The byte of the line, from 1; 0 where the file or the line as a whole is meant.
  public var column: Int
  /// What is wrong.
  public var problem: Problem

  /// An error at a place; numbers that are not known are 0.
  public init(file: String, line: Int, column: Int, problem: Problem) {
    self.file = file
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// What is wrong with a file.
  public enum Problem: Equatable, Sendable {
    /// There is no such file.
    case missingFile
    /// The system refuses to open or read it, for the reason given.
    case unreadable(reason: String)
    /// The file has no bytes.
    case empty
    /// The file's first lines, or all, contain no event line.
    case notATrace(reason: String)
    /// A line has the form of an event that is understood, but a field does not.
    case malformed(expected: String)
    /// The last line has no end and does not parse: the file was cut off.
    case truncated(expected: String)
    /// The archive does not unpack: it is cut off or damaged.
    case damagedArchive(reason: String)
    /// The program that unpacks the archive is not installed.
    case missingTool(name: String, debianPackage: String)
  }

  /// The exit code of sysexits.h that a command-line tool ends with: `EX_NOINPUT` (66) where the
  /// file cannot be opened, `EX_UNAVAILABLE` (69) where a program is missing, otherwise
  /// `EX_DATAERR` (65).
  public var exitCode: Int32 {
    switch problem {
    case .missingFile, .unreadable: 66
    case .missingTool: 69
    default: 65
    }
  }
}

extension TraceError: CustomStringConvertible {
  /// `file:line:column: what is wrong`, without the numbers that are not known.
  public var description: String {
    var place = file
    if line > 0 { place += ":\(line)" }
    if line > 0 && column > 0 { place += ":\(column)" }
    return "\(place): \(problem)"
  }
}

extension TraceError.Problem: CustomStringConvertible {
  /// The problem in words.
  public var description: String {
    switch self {
    case .missingFile: "no such file"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .empty: "the file is empty"
    case .notATrace(let reason): "not a kernel trace: \(reason)"
    case .malformed(let expected): "expected \(expected)"
    case .truncated(let expected): "the trace ends in the middle of a line; expected \(expected)"
    case .damagedArchive(let reason): "the archive is cut off or damaged: \(reason)"
    case .missingTool(let name, let package):
      "\(name) is needed to unpack the archive; on Debian it is in the package \(package)"
    }
  }
}
