import IOMMU

/// The world of a device that is not plugged: nothing happens there.
final class Unconnected: DeviceEnvironment, Sendable {
  static let shared = Unconnected()

  var now: Instant { Instant(nanoseconds: 0) }

  func schedule(after delay: Nanoseconds, token: UInt64) -> EventID {
    EventID(slot: -1, sequence: 0)
  }

  func cancel(_ event: EventID) {}

  func readMemory(at iova: IOVA, into target: inout MutableSpan<UInt8>) throws(DMAFault) {
    throw .blocked
  }

  func writeMemory(_ source: Span<UInt8>, at iova: IOVA) throws(DMAFault) {
    throw .blocked
  }

  func readLittle64(at iova: IOVA) throws(DMAFault) -> UInt64 {
    throw .blocked
  }

  func writeLittle64(_ value: UInt64, at iova: IOVA) throws(DMAFault) {
    throw .blocked
  }

  func raiseInterrupt(vector: Int) {}

  func injectedDelay() -> Nanoseconds { Nanoseconds(0) }

  func randomStream(_ name: StaticString) -> RandomStream {
    RandomStream(seed: 0, name: name)
  }
}
