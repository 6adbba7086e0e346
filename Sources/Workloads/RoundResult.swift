/// What rounds came to.
public struct RoundResult: Equatable, Sendable {
  /// Requests that succeeded.
  public var requests: UInt64 = 0
  /// Their bytes.
  public var bytes: UInt64 = 0
  /// Requests that did not succeed.
  public var failures: UInt64 = 0
  /// Blocks whose data was wrong.
  public var wrongBlocks: UInt64 = 0

  /// Nothing yet.
  public init() {}
}

/// What a driver took for rounds, in units of a clock: waiting for the device, writing data and
/// checking it are not part of it.
public struct RoundSpending: Equatable, Sendable {
  /// One kind of call of the driver.
  public struct Part: Equatable, Sendable {
    /// The calls.
    public var calls: UInt64 = 0
    /// What they took in all.
    public var units: UInt64 = 0

    /// No call yet.
    public init() {}

    mutating func add(_ units: UInt64) {
      calls &+= 1
      self.units &+= units
    }
  }

  /// Submitting requests, which maps their buffers.
  public var submit = Part()
  /// Ringing the doorbell, which announces mappings where they wait for it.
  public var ring = Part()
  /// Taking completions, which unmaps buffers, without what is done with each as it is reported.
  public var take = Part()
  /// The reports within ``take``.
  public var reports: UInt64 = 0
  /// What two looks at the clock are apart, one right after the other.
  public var look: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
