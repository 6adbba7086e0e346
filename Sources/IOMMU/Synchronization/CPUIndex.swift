/// Which processor an operation runs on: the caller says, because only it can know cheaply.
///
/// Two operations that name the same processor may still race, so nothing that depends on this is
/// unsafe; it only chooses which of several structures is used, and so who contends with whom.
@frozen
public struct CPUIndex: Equatable, Sendable, BitwiseCopyable {
  /// The processor's number, from 0.
  public let rawValue: Int

  /// Processor number `rawValue`; a negative number counts as 0.
  @inlinable
  public init(_ rawValue: Int) {
    self.rawValue = rawValue < 0 ? 0 : rawValue
  }

  /// The first processor.
  @inlinable
  public static var boot: CPUIndex { CPUIndex(0) }
}
