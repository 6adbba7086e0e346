public import IOMMU

/// What goes wrong in a run, and when: the same plan gives the same run.
///
/// Ordinals count from 1: the first refresh, the first instruction, the first table allocation.
public struct FaultPlan: Equatable, Sendable {
  /// Refreshes that are refused for lack of resources, by ordinal among refreshes.
  public var refusedRefreshes: [UInt64] = []
  /// Instructions that answer busy, in bursts.
  public var busyBursts: [BusyBurst] = []
  /// Refreshes that answer busy, in bursts, by ordinal among attempted refreshes.
  public var busyRefreshes: [BusyBurst] = []
  /// Functions that vanish, before the instruction of that ordinal takes effect.
  public var unplugs: [Unplug] = []
  /// Functions that go into error state, before the instruction of that ordinal takes effect.
  public var failures: [Unplug] = []
  /// Instructions that are refused: condition code 1 with a status.
  public var refusals: [Refusal] = []
  /// Table allocations that fail, by ordinal among table allocations.
  public var failedTableAllocations: [UInt64] = []
  /// Functions that go into error state at a point in time.
  public var deviceErrors: [DeviceError] = []
  /// Completions that come late, or `nil` for none.
  public var completionDelays: CompletionDelays?

  /// A run of instructions that answer busy (condition code 2).
  public struct BusyBurst: Equatable, Sendable {
    /// The ordinal of the first instruction.
    public var first: UInt64
    /// The number of instructions.
    public var count: UInt64

    /// `count` instructions from `first`.
    public init(first: UInt64, count: UInt64) {
      self.first = first
      self.count = count
    }
  }

  /// A function that vanishes, or fails.
  public struct Unplug: Equatable, Sendable {
    /// The ordinal of the instruction that first finds it so.
    public var instruction: UInt64
    /// The number of the function.
    public var function: Int

    /// `function` vanishes at `instruction`.
    public init(instruction: UInt64, function: Int) {
      self.instruction = instruction
      self.function = function
    }
  }

  /// An instruction that is refused.
  public struct Refusal: Equatable, Sendable {
    /// The ordinal of the instruction.
    public var instruction: UInt64
    /// The status that it answers with.
    public var status: UInt8

    /// The instruction with that ordinal answers `status`.
    public init(instruction: UInt64, status: UInt8) {
      self.instruction = instruction
      self.status = status
    }
  }

  /// A function that goes into error state.
  public struct DeviceError: Equatable, Sendable {
    /// When.
    public var time: Instant
    /// The number of the function.
    public var function: Int

    /// `function` fails at `time`.
    public init(time: Instant, function: Int) {
      self.time = time
      self.function = function
    }
  }

  /// Completions that come late.
  public struct CompletionDelays: Equatable, Sendable {
    /// One in so many completions is late, on average; 1 or more.
    public var oneIn: UInt64
    /// The longest delay; each is drawn evenly from 1 ns up to this.
    public var longest: Nanoseconds

    /// One in `oneIn` completions is late by up to `longest`.
    public init(oneIn: UInt64, longest: Nanoseconds) {
      self.oneIn = oneIn
      self.longest = longest
    }
  }

  /// Nothing goes wrong.
  public init() {}

  /// A plan drawn from `seed`: a few faults of each kind that `kinds` names.
  ///
  /// Ordinals are drawn from the first `instructions` instructions, times from the first
  /// `duration`. Function 0 is the one that fails.
  public init(
    seed: UInt64, kinds: FaultKinds, instructions: UInt64, duration: Nanoseconds
  ) {
    var random = RandomStream(seed: seed, name: "faults")
    let span = max(instructions, 1)
    if kinds.contains(.refusedRefreshes) {
      for _ in 0..<4 { refusedRefreshes.append(1 + random.next(below: span / 2 + 1)) }
    }
    if kinds.contains(.busyBursts) {
      for _ in 0..<3 {
        busyBursts.append(
          BusyBurst(first: 1 + random.next(below: span), count: 1 + random.next(below: 8)))
      }
    }
    if kinds.contains(.unplug) {
      unplugs.append(Unplug(instruction: 1 + random.next(below: span), function: 0))
    }
    if kinds.contains(.failedTableAllocations) {
      for _ in 0..<3 { failedTableAllocations.append(1 + random.next(below: span / 16 + 8)) }
    }
    if kinds.contains(.deviceError) {
      let time = Instant(nanoseconds: random.next(below: max(duration.rawValue, 1)))
      deviceErrors.append(DeviceError(time: time, function: 0))
    }
    if kinds.contains(.completionDelays) {
      completionDelays = CompletionDelays(
        oneIn: 2 + random.next(below: 30),
        longest: Nanoseconds(1_000 + random.next(below: 5_000_000)))
    }
  }
}

/// Kinds of faults.
public struct FaultKinds: OptionSet, Sendable {
  /// One bit a kind.
  public let rawValue: UInt8

  /// The kinds whose bits are set.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Refreshes that are refused for lack of resources.
  public static let refusedRefreshes = FaultKinds(rawValue: 1)
  /// Instructions that answer busy.
  public static let busyBursts = FaultKinds(rawValue: 2)
  /// The function vanishes.
  public static let unplug = FaultKinds(rawValue: 4)
  /// Table memory runs out.
  public static let failedTableAllocations = FaultKinds(rawValue: 8)
  /// The function goes into error state.
  public static let deviceError = FaultKinds(rawValue: 16)
  /// Completions come late.
  public static let completionDelays = FaultKinds(rawValue: 32)
}
