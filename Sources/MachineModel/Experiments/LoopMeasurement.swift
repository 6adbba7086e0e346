public import Histogram
public import IOMMU

/// What is measured of a closed loop, from the end of its warm-up to its last request, or of a
/// replay.
public struct LoopMeasurement {
  /// Requests completed.
  public internal(set) var requests: UInt64 = 0

  /// Bytes moved by them.
  public internal(set) var bytes: UInt64 = 0

  /// From the first to the last completion; in a replay, the processor time that mapping took.
  public internal(set) var duration = Nanoseconds(0)

  /// From submission to completion, in nanoseconds.
  public internal(set) var latencies: Histogram<UInt64>

  /// Requests whose data was not what it had to be.
  public internal(set) var wrongData: UInt64 = 0

  /// Times that a request found no address free and was tried again later.
  public internal(set) var retries: UInt64 = 0

  /// Requests that the controller or the driver failed.
  public internal(set) var failures: UInt64 = 0

  init() {
    // Three digits up to a minute: 1 in 1,000 is finer than any policy's difference.
    latencies = Histogram(
      highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  }

  /// Requests per second: `nil` where there was none, infinite where they took no time.
  public var rate: Double? {
    requests == 0 ? nil : Double(requests) * 1e9 / Double(duration.rawValue)
  }
}
