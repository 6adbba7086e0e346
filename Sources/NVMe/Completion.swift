public import IOMMU

/// The end of one command, as the caller is told.
///
/// Its buffer is unmapped by then: the processor sees what the device wrote, and the device's
/// access has ended as far as the domain's policy promises.
@frozen
public struct NVMeCompletion: Equatable, Sendable, BitwiseCopyable {
  /// The queue that the command was submitted to.
  public let queue: Int

  /// What the caller gave at submission.
  public let tag: UInt64

  /// What became of the command.
  public let outcome: NVMeOutcome

  /// Says what became of the command `tag` of `queue`.
  @inlinable
  public init(queue: Int, tag: UInt64, outcome: NVMeOutcome) {
    self.queue = queue
    self.tag = tag
    self.outcome = outcome
  }
}

/// What became of a command.
@frozen
public enum NVMeOutcome: Equatable, Sendable, BitwiseCopyable {
  /// The controller did it.
  case success
  /// The controller completed it with an error.
  case failed(NVMeStatus)
  /// The controller never saw it: its mapping could not be announced.
  case withdrawn
  /// The controller was stopped before it completed the command; it may or may not have done it.
  case aborted
  /// The function vanished; the controller may or may not have done it.
  case functionGone
}

/// A command whose deadline has passed.
@frozen
public struct NVMeExpiredCommand: Equatable, Sendable, BitwiseCopyable {
  /// The queue that the command was submitted to.
  public let queue: Int

  /// What the caller gave at submission.
  public let tag: UInt64

  /// When the command should have been complete.
  public let deadline: Instant

  @usableFromInline
  init(queue: Int, tag: UInt64, deadline: Instant) {
    self.queue = queue
    self.tag = tag
    self.deadline = deadline
  }
}

/// What happened on one queue since the driver was made.
@frozen
public struct NVMeQueueCounters: Equatable, Sendable, BitwiseCopyable {
  /// Commands written to the submission queue.
  public var submitted: UInt64 = 0
  /// Commands that the controller completed, whatever their status.
  public var completed: UInt64 = 0
  /// Writes of the submission tail.
  public var tailDoorbells: UInt64 = 0
  /// Writes of the completion head.
  public var headDoorbells: UInt64 = 0
  /// Commands withdrawn because their mappings could not be announced.
  public var withdrawn: UInt64 = 0
  /// Completions of commands that were not in flight.
  public var badCompletions: UInt64 = 0

  /// No events.
  public init() {}
}
