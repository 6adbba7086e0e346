/// What invalidations cost on a machine, so that a policy can choose between range and global ones.
///
/// Only ratios matter. The figures come from a machine file, or from measuring at start-up.
@frozen
public struct InvalidationCost: Sendable, BitwiseCopyable {
  /// One instruction, however small its range.
  public let instruction: Nanoseconds

  /// Each 1,024 pages that a range or the whole aperture spans.
  public let kibipage: Nanoseconds

  /// A cost of `instruction` for each one and `kibipage` for 1,024 pages spanned.
  @inlinable
  public init(instruction: Nanoseconds, kibipage: Nanoseconds) {
    self.instruction = instruction
    self.kibipage = kibipage
  }

  /// What a hypervisor that shadows costs, in the order of magnitude: a trap worth 100 pages.
  @inlinable
  public static var shadowed: InvalidationCost {
    InvalidationCost(instruction: Nanoseconds(10_000), kibipage: Nanoseconds(102_400))
  }

  /// The cost of one invalidation that spans `pages` pages.
  @inlinable
  public func of(pages: UInt64) -> UInt64 {
    instruction.rawValue &+ (pages &* kibipage.rawValue) / 1_024
  }

  /// The number of pages whose scan costs as much as one instruction; a gap below it is worth
  /// bridging.
  @inlinable
  public var pagesPerInstruction: UInt64 {
    kibipage.rawValue == 0
      ? .max &>> 12 : instruction.rawValue &* 1_024 / kibipage.rawValue
  }
}
