public import IOMMU

/// What a device model can do to the machine around it: time, memory, interrupts.
///
/// A device holds its environment `unowned`. Every memory access goes page by page through the
/// function's translations and is seen by the machine's checkers.
public protocol DeviceEnvironment: AnyObject {
  /// The time of the event or register access that the device is handling.
  var now: Instant { get }

  /// Asks for ``DeviceModel/handleEvent(_:)`` with `token`, `delay` from now.
  ///
  /// Events at the same time come in the order in which they were scheduled.
  @discardableResult
  func schedule(after delay: Nanoseconds, token: UInt64) -> EventID

  /// Takes an event back; one that was handled or cancelled already is left alone.
  func cancel(_ event: EventID)

  /// Reads memory at `iova` into all of `target`.
  ///
  /// Throws: when a page cannot be read; pages before it were read. Allocates: never.
  func readMemory(at iova: IOVA, into target: inout MutableSpan<UInt8>) throws(DMAFault)

  /// Writes all of `source` to memory at `iova`.
  ///
  /// Throws: when a page cannot be written; pages before it were written. Allocates: never.
  func writeMemory(_ source: Span<UInt8>, at iova: IOVA) throws(DMAFault)

  /// Reads a 64-bit little-endian value at `iova`, which may have any alignment.
  func readLittle64(at iova: IOVA) throws(DMAFault) -> UInt64

  /// Writes a 64-bit little-endian value at `iova`, which may have any alignment.
  func writeLittle64(_ value: UInt64, at iova: IOVA) throws(DMAFault)

  /// Sends the message interrupt `vector`, if the function's MSI-X set-up lets it through.
  func raiseInterrupt(vector: Int)

  /// Takes the time that fault injection adds to the completion that is being scheduled; often 0.
  func injectedDelay() -> Nanoseconds

  /// A stream of random numbers for the part of the device called `name`.
  ///
  /// The same seed of the machine and the same name give the same stream.
  func randomStream(_ name: StaticString) -> RandomStream
}

/// Why a device's access to memory did not happen; the function is in error state from then on,
/// except where it was blocked or gone already.
public enum DMAFault: Error, Equatable {
  /// No valid translation, or one that does not allow the access.
  case translation(IOVA, TranslationFault)
  /// The address lies outside the addresses that the function may use.
  case outsideAperture(IOVA)
  /// The translation gave an address outside memory.
  case outsideMemory(PhysicalAddress)
  /// The function may not do DMA: it is disabled, in error state, or gone.
  case blocked
}

/// What was wrong with a translation.
public enum TranslationFault: Error, Equatable {
  /// No table is registered.
  case noTable
  /// The shadow has no entry, because no refresh has announced one.
  case notShadowed
  /// The designation that was registered is not one the hardware takes.
  case designation(UInt64)
  /// An entry on the way is invalid; `level` 0 is the page's own.
  case invalidEntry(UInt64, level: Int)
  /// An entry on the way is malformed: wrong type, or bits set that must be zero.
  case malformedEntry(UInt64, level: Int)
  /// The address of an entry lies outside memory.
  case tableOutsideMemory(PhysicalAddress)
  /// A write through an entry that is protected.
  case protected(UInt64)
}
