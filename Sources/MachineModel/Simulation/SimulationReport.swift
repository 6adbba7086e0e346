/// What a simulation, or many of them, did: enough to see that it was not idle.
public struct SimulationReport: Equatable, Sendable {
  /// The number of seeds.
  public var seeds: UInt64 = 0
  /// Steps that were drawn, faults among them.
  public var operations: UInt64 = 0
  /// Steps that could be done, by kind; the others found nothing to do.
  public var done: [UInt64] = Array(repeating: 0, count: SimulatedKind.allCases.count)
  /// Errors that operations ended with, all of them allowed, by kind.
  public var errors: [UInt64] = Array(repeating: 0, count: SimulatedError.allCases.count)
  /// How often interesting things happened.
  public var marks: [UInt64] = Array(repeating: 0, count: SimulatedMark.allCases.count)
  /// Domains, by policy, as ``policyNames`` has them.
  public var policies: [UInt64] = Array(repeating: 0, count: Self.policyNames.count)
  /// Domains, by set of modifiers.
  public var modifiers: [UInt64] = Array(repeating: 0, count: 8)
  /// zPCI instructions that were executed.
  public var instructions: UInt64 = 0
  /// Accesses of devices that were held against what is mapped.
  public var accesses: UInt64 = 0

  /// The policies, without their parameters.
  public static let policyNames = [
    "identity", "strict", "legacy", "legacy-strict", "queue", "single-queue", "rollover",
    "rollover,age", "rollover,stale", "rollover,age,stale",
  ]

  /// Nothing yet.
  public init() {}

  /// Adds what another did.
  public mutating func add(_ other: SimulationReport) {
    seeds += other.seeds
    operations += other.operations
    instructions += other.instructions
    accesses += other.accesses
    for index in done.indices { done[index] += other.done[index] }
    for index in errors.indices { errors[index] += other.errors[index] }
    for index in marks.indices { marks[index] += other.marks[index] }
    for index in policies.indices { policies[index] += other.policies[index] }
    for index in modifiers.indices { modifiers[index] += other.modifiers[index] }
  }
}

/// Errors that an operation of a simulation may end with.
public enum SimulatedError: String, CaseIterable, Sendable {
  /// No address is free.
  case noAddress = "no-address"
  /// No memory for a table.
  case noMemory = "no-memory"
  /// A mapping could not be announced.
  case notAnnounced = "not-announced"
  /// No device is attached.
  case blocked
  /// A list has too many segments.
  case badScatterList = "bad-scatter-list"
  /// Memory that cannot be reached.
  case unreachable
  /// A synchronisation failed.
  case notSynchronized = "not-synchronized"
  /// A device was not attached.
  case notAttached = "not-attached"
  /// A function could not be found, enabled, recovered or used.
  case function
}

/// Things that a simulation should come across.
public enum SimulatedMark: String, CaseIterable, Sendable {
  /// Addresses ran out and everything was invalidated for them.
  case exhaustionFlush = "flush-by-exhaustion"
  /// A ring was full.
  case queueFull = "flush-by-full-queue"
  /// A timer invalidated everything.
  case timeoutFlush = "flush-by-timeout"
  /// A bound on the stale share was reached.
  case staleShare = "flush-by-stale-share"
  /// Ranges were invalidated because of their age.
  case age = "age-invalidation"
  /// A device had no resources, and everything was invalidated.
  case outOfResources = "out-of-resources-flush"
  /// Tables were freed with an invalidation of their own.
  case tables = "table-invalidation"
  /// A device joined a domain that has mappings.
  case attachLive = "attach-with-mappings"
  /// A translation was taken back.
  case reuseHit = "reuse-hit"
  /// Stale pages were freed by an announcement.
  case piggyback = "piggybacked-pages"
  /// A device's absence was taken for success.
  case absent = "absent-device"
  /// An invalidation failed.
  case failedInvalidation = "failed-invalidation"
  /// A range was quarantined after a failed invalidation.
  case failureQuarantine = "quarantine-after-failure"
  /// A token was dropped.
  case droppedToken = "dropped-token"
  /// A stale translation was used, as its policy allows.
  case staleUse = "stale-translation-used"
  /// A stale address was refused.
  case staleRefused = "stale-address-refused"
  /// A card was pulled in the middle of an operation.
  case unplugInside = "unplug-inside-an-operation"
  /// A table could not be had in the middle of a scatter list.
  case listWithoutTable = "no-table-inside-a-list"
  /// A mapping was taken back on another processor.
  case otherProcessor = "unmapped-on-another-cpu"
  /// A late transfer found its mapping gone.
  case lateTransfer = "late-transfer"
  /// An aperture was filled to its last free page.
  case filled = "aperture-filled"
  /// A device waited in a domain for its recovery.
  case pending = "pending-device"
  /// A device could not be blocked.
  case stuck = "stuck-device"
  /// A buffer was kept for ever, as its translation could be neither announced nor dropped.
  case keptBuffer = "kept-buffer"
  /// A group moved while mappings were live.
  case movedLive = "moved-with-mappings"
}
