import SystemPackage

extension TraceParser {
  /// Reads the next chunk of a file; `false` at its end.
  mutating func append(from descriptor: FileDescriptor) throws(TraceError) -> Bool {
    prepareToAppend()
    let filled = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: TraceFile.chunkLength))
    var count = 0
    do {
      // SAFETY: the pointer is valid within the closure, and `read` fills no more than its bytes.
      count = try unsafe buffer.withUnsafeMutableBytes { pointer in
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: pointer[filled...])
        return try unsafe descriptor.read(into: free)
      }
    } catch {
      throw TraceError(file: file, line: 0, column: 0, problem: .unreadable(reason: "\(error)"))
    }
    buffer.removeLast(TraceFile.chunkLength - count)
    return count > 0
  }
}

extension FileDescriptor {
  /// The first `count` bytes of a file, without moving in it.
  func peek(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // SAFETY: the pointer is valid within the closure, and `read` fills no more than its bytes.
    let filled = try unsafe bytes.withUnsafeMutableBytes { pointer in
      try unsafe read(fromAbsoluteOffset: 0, into: pointer)
    }
    return Array(bytes.prefix(filled))
  }
}
