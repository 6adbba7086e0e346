/// Which part of a trace is meant.
public enum TraceExtent: Equatable, Sendable {
  /// The events from one time to another, both included; `nil` for the trace's own start or end.
  case times(from: TraceInstant?, to: TraceInstant?)
  /// The mark with this text and what follows, up to the next mark.
  case phase(String)
  /// The mark with the first text, the next mark with the second, and what lies between.
  case between(String, String)
}

/// A time in a trace, in nanoseconds.
public enum TraceInstant: Equatable, Sendable {
  /// By the trace's own clock.
  case clock(UInt64)
  /// Since the trace's first event.
  case sinceStart(UInt64)
}
