import CCounting

/// Runs the same work on several threads at once, each on a core of its own while there are enough.
package enum Threads {
  /// How long it took, in nanoseconds.
  package struct Time: Sendable {
    /// From when the first thread began to when the last ended.
    package let wall: UInt64
    /// The processor time of all of them.
    package let busy: UInt64
  }

  /// The number of cores that this process may use.
  package static var cores: Int { Int(threads_cores()) }

  /// Runs `body` with numbers from 0 up to but not including `count`, each on its thread.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Time {
    var time = threads_time()
    var work = body
    // SAFETY: (1) the pointers are used during the call only; (2) the context is the closure that
    // the function casts it back to, and is only read by the threads.
    let ran = unsafe withUnsafeMutablePointer(to: &work) { context in
      unsafe threads_run(
        CInt(count),
        { context, index in
          guard let context = unsafe context else { return }
          let work = unsafe context.assumingMemoryBound(to: (@Sendable (Int) -> Void).self).pointee
          work(Int(index))
        }, context, &time)
    }
    precondition(ran, "1 to 64 threads")
    return Time(wall: time.wall, busy: time.busy)
  }

  /// Lets others run.
  static func yield() { threads_yield() }
}
