import CCounting

/// Counts the instructions of this thread by callgrind, and the heap's use.
package enum Counting {
  /// Whether the process runs under callgrind.
  package static var hasCallgrind: Bool { counting_has_callgrind() }

  /// A time that ascends.
  @inline(__always)
  static var ticks: UInt64 { counting_ticks() }

  /// Has callgrind watch what `body` does, which says what of it is counted.
  static func underCallgrind(_ body: () -> Void) {
    counting_start()
    body()
    counting_stop()
  }

  /// Counts from here on, under `name`.
  @inline(__always)
  static func begin(_ name: String) {
    // SAFETY: the name is copied during the call.
    unsafe name.withCString { unsafe counting_begin($0) }
  }

  /// Has what was counted since ``begin(_:)`` written out.
  @inline(__always)
  static func end() { counting_end() }

  /// Has each printed line appear at once.
  package static func bufferLines() { counting_buffer_lines() }

  /// Whether the heap's use is counted.
  package static var countsHeap: Bool { heap_is_counted() }

  /// How often anything in this process asked the heap for memory.
  @inline(__always)
  package static var heapCalls: UInt64 { heap_calls() }

  /// The bytes of the heap that are in use.
  package static var heapBytes: UInt64 { heap_bytes() }

  /// The bytes of memory that the machine can spare, or `nil` where it does not say.
  package static var availableBytes: UInt64? {
    let bytes = heap_available()
    return bytes == 0 ? nil : bytes
  }
}
