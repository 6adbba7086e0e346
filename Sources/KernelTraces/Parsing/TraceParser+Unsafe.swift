extension TraceParser {
  /// Adds bytes that follow those already given.
  ///
  /// Complexity: O(n). Allocates: when the buffer grows.
  public mutating func append(_ bytes: RawSpan) {
    prepareToAppend()
    // SAFETY: the pointer is valid within the closure, and `append` copies before it returns.
    unsafe bytes.withUnsafeBytes { pointer in
      unsafe buffer.append(contentsOf: pointer)
    }
  }

  /// Adds bytes that follow those already given.
  ///
  /// Complexity: O(n). Allocates: when the buffer grows.
  public mutating func append(_ bytes: [UInt8]) {
    prepareToAppend()
    buffer.append(contentsOf: bytes)
  }
}
