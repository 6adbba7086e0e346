import SystemPackage

extension FileDescriptor {
  /// Reads from here to the end, but no more than `limit` bytes.
  func bytes(atMost limit: Int) throws -> [UInt8] {
    var content: [UInt8] = []
    while content.count < limit {
      let wanted = min(limit - content.count, 65_536)
      // SAFETY: (1) the buffer has room for `wanted` bytes and `read` writes no more than that;
      // (2) `count` becomes the number of bytes that it did write; (3) bytes need no other setup.
      let chunk = try unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if chunk.isEmpty { break }
      content += chunk
    }
    return content
  }
}
