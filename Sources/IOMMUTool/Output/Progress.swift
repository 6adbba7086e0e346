import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A line on standard error that says how far a run is, shown only to a person at a terminal.
struct Progress: Sendable {
  private let isShown: Bool

  /// Shows nothing at all.
  static let silent = Progress(isShown: false)

  /// Shows progress where standard error is a terminal.
  static var standardError: Progress {
    Progress(isShown: isatty(FileDescriptor.standardError.rawValue) == 1)
  }

  /// Replaces the line by `text`.
  func show(_ text: @autoclosure () -> String) {
    if isShown { write("\r\u{1B}[K" + text()) }
  }

  /// Takes the line away, before anything else is written.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    // Progress that cannot be shown is no reason to stop.
    do { _ = try FileDescriptor.standardError.writeAll(text.utf8) } catch {}
  }
}
