import SystemPackage

/// Where a command's data goes, piece by piece: a file, or standard output.
///
/// The file is created when the first bytes are written, so that an input that proves to be no
/// trace leaves what was there. An error is kept until `finish()`.
struct ByteSink {
  /// Pieces of this size are written.
  private static let pieceLength = 1 << 16

  private let path: String?
  private var descriptor: FileDescriptor?
  private var failure: ToolError?

  /// Bytes that wait to be written.
  var buffer: [UInt8] = []

  /// A sink into the file at `path`, or into standard output.
  ///
  /// Throws: `usage` where the file is the input.
  init(_ path: String?, input: String) throws(ToolError) {
    self.path = path
    guard let path else { return }
    do {
      let output = try FilePath(path).stat()
      let input = try FilePath(input).stat()
      if output.deviceID == input.deviceID, output.inode == input.inode {
        throw ToolError.usage("the output '\(path)' is the trace itself")
      }
    } catch let error as ToolError {
      throw error
    } catch {
      // What is not there is not the input.
    }
  }

  /// Writes what waits, if it is worth a call.
  mutating func pass() {
    if buffer.count >= Self.pieceLength { flush() }
  }

  /// Writes what waits and closes the file.
  mutating func finish() throws(ToolError) {
    flush()
    if path != nil, let descriptor {
      do { try descriptor.close() } catch { fail("\(error)") }
    }
    if let failure { throw failure }
  }

  private mutating func flush() {
    defer { buffer.removeAll(keepingCapacity: true) }
    if failure != nil { return }
    do {
      if descriptor == nil { descriptor = try open() }
      _ = try descriptor?.writeAll(buffer)
    } catch {
      fail("\(error)")
    }
  }

  private func open() throws -> FileDescriptor {
    guard let path else { return .standardOutput }
    return try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }

  private mutating func fail(_ reason: String) {
    let name = path ?? "standard output"
    failure =
      failure
      ?? (descriptor == nil
        ? .cannotCreate(path: name, reason: reason) : .cannotWrite(path: name, reason: reason))
  }
}
