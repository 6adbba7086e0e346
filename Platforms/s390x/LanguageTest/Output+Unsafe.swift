#if canImport(Machine)
import Machine
#else
import Glibc
#endif

extension StaticString: Shown {
  func write(to line: inout Line) {
    // SAFETY: the text is constant, of the length that it names.
    withUTF8Buffer { text in
      for index in 0..<text.count { unsafe line.append(text[index]) }
    }
  }
}

extension Line {
  /// Writes the line to the console.
  mutating func end() {
    append(10)
    // SAFETY: as many of the line's own bytes as were appended.
    unsafe bytes.span.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      #if canImport(Machine)
      unsafe consoleWrite(start, count)
      #else
      unsafe _ = write(1, start, count)
      #endif
    }
  }
}
