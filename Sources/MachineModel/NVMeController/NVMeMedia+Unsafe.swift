extension NVMeMedia {
  /// Writes a pattern of `count` words whose first is `first`.
  ///
  /// The loop has no checks inside, so that it becomes vector instructions: a block of 4 KiB costs
  /// little more than its stores.
  static func fill(
    _ words: inout MutableSpan<UInt64>, at position: Int, count: Int, from first: UInt64
  ) {
    precondition(
      position >= 0 && count >= 0 && position <= words.count - count, "a block outside of the words"
    )
    // SAFETY: (1) `position..<position + count` was checked against the span; (2) the pointer does
    // not leave the closure.
    unsafe words.withUnsafeMutableBufferPointer { buffer in
      let block = buffer.extracting(position..<position + count)
      var word = first
      for index in 0..<count {
        unsafe block[index] = word.littleEndian
        word &+= step
      }
    }
  }

  /// Whether `count` words are the pattern whose first word is `first`.
  static func matches(
    _ words: Span<UInt64>, at position: Int, count: Int, from first: UInt64
  ) -> Bool {
    precondition(
      position >= 0 && count >= 0 && position <= words.count - count, "a block outside of the words"
    )
    var word = first
    var difference: UInt64 = 0
    for index in position..<position + count {
      // SAFETY: `position..<position + count` was checked against the span above.
      difference |= unsafe words[unchecked: index] ^ word.littleEndian
      word &+= step
    }
    return difference == 0
  }
}
