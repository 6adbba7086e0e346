public import IOMMU

/// Promise 6: errors leave the state as it was before the call.
///
/// Verified: around an operation that may throw, the pages that can be reached, the memory in use
/// for tables and the domain's books are taken down and compared when it threw.
/// Not verified: what an operation changes that none of these show, such as which address comes
/// next.
public struct ErrorStateChecker {
  /// What is compared.
  public struct Snapshot: Equatable, Sendable {
    /// Mappings that were made and not taken back.
    public var liveMappings: UInt64
    /// Pages that the table translates.
    public var translatedPages: UInt64
    /// Bytes of tables that are in use, without empty ones that are given back on demand.
    public var tableBytes: UInt64
    /// Bytes of buffers that are in use.
    public var bufferBytes: UInt64

    /// Takes down the four numbers.
    public init(
      liveMappings: UInt64, translatedPages: UInt64, tableBytes: UInt64, bufferBytes: UInt64
    ) {
      self.liveMappings = liveMappings
      self.translatedPages = translatedPages
      self.tableBytes = tableBytes
      self.bufferBytes = bufferBytes
    }
  }

  let log: ViolationLog

  /// A checker that reports to `log`.
  public init(log: ViolationLog) {
    self.log = log
  }

  /// Runs `operation`; if it throws, `snapshot` must give what it gave before.
  ///
  /// Returns whether it succeeded.
  @discardableResult
  public func watch<Failure: Error>(
    at time: Instant, _ snapshot: () -> Snapshot, _ operation: () throws(Failure) -> Void
  ) -> Result<Void, Failure> {
    let before = snapshot()
    do throws(Failure) {
      try operation()
      return .success(())
    } catch {
      let after = snapshot()
      if before != after {
        log.report(.errorState, at: time, "\(error) left \(after) where there was \(before)")
      }
      return .failure(error)
    }
  }
}
