import IOMMU

/// Now and then a line `progress done=… of=…`, for whoever waits.
struct ProgressLine {
  private let whole: UInt64
  private var due: Instant

  /// Begins at `start` with `whole` things to do.
  init(of whole: UInt64, since start: Instant) {
    self.whole = whole
    due = start.advanced(by: Self.interval)
  }

  /// Tells that `done` things are done, if it is time to.
  mutating func tell(_ done: UInt64, at now: Instant) {
    if now < due { return }
    due = now.advanced(by: Self.interval)
    Console.write("progress")
    Console.field("done", done)
    Console.field("of", whole)
    Console.write("\n")
  }

  private static var interval: Nanoseconds { .milliseconds(500) }
}
