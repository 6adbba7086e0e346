import CCounting

/// Counts the instructions of this thread, one at a time or by callgrind.
enum Counting {
  /// Whether single instructions can be counted.
  static var canStep: Bool { counting_can_step() }

  /// Whether the process runs under callgrind.
  static var hasCallgrind: Bool { counting_has_callgrind() }

  /// The instructions of one `begin` and `end` with nothing between.
  static let overhead: UInt64 = {
    counting_begin()
    return counting_end()
  }()

  /// Starts stepping; nothing else may happen up to ``end()``.
  @inline(__always)
  static func begin() { counting_begin() }

  /// The instructions since ``begin()``.
  @inline(__always)
  static func end() -> UInt64 {
    let steps = counting_end()
    return steps > overhead ? steps - overhead : 0
  }

  /// A time that ascends.
  @inline(__always)
  static var ticks: UInt64 { counting_ticks() }

  /// Has callgrind count what `body` does, under `name`.
  static func underCallgrind(_ name: String, _ body: () -> Void) {
    counting_callgrind_start()
    body()
    // SAFETY: the name is read during the call only.
    unsafe name.withCString { unsafe counting_callgrind_stop($0) }
  }
}
