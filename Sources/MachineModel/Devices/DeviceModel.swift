/// A device behind a PCI function, as the machine sees it: registers and events, nothing more.
///
/// The machine keeps configuration space, base addresses and the MSI-X table (``DeviceIdentity``
/// says what they show), so a device model sees only its own registers. All calls come on one
/// thread, in the order of simulated time; during a call ``DeviceEnvironment/now`` is the time of
/// the access or event. A device never calls processor code.
public protocol DeviceModel: AnyObject {
  /// What configuration space shows.
  var identity: DeviceIdentity { get }

  /// Hands the device its world, once, before any other call.
  func connect(to environment: any DeviceEnvironment)

  /// Reads `width` bytes (1, 2, 4 or 8) at `offset` of a base address; the value as a number.
  func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64

  /// Writes the low `width` bytes (1, 2, 4 or 8) of `value` at `offset` of a base address.
  func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int)

  /// Tells that an event which the device scheduled is due, with the token it gave.
  func handleEvent(_ token: UInt64)

  /// Puts the device into the state it has after power-on.
  ///
  /// The machine has cancelled everything the device had scheduled, and drops the interrupts that
  /// were not delivered yet.
  func reset()
}

/// What a device's configuration space shows, besides what the machine itself fills in.
public struct DeviceIdentity: Equatable, Sendable {
  /// The vendor, at configuration offset 0.
  public var vendor: UInt16

  /// The device, at configuration offset 2.
  public var device: UInt16

  /// Class, subclass and programming interface as one number, at configuration offsets 9 to 11.
  public var classCode: UInt32

  /// The revision, at configuration offset 8.
  public var revision: UInt8

  /// The size in bytes of the register space behind base address 0; a power of two, 4 KiB or more.
  ///
  /// Base addresses 0 and 1 are one 64-bit memory space, as NVM Express asks of a controller.
  public var registerBytes: UInt64

  /// The number of MSI-X vectors, 0 to 64.
  ///
  /// Their table is the machine's, behind base address 4.
  public var vectors: Int

  /// Says what a device is.
  public init(
    vendor: UInt16, device: UInt16, classCode: UInt32, revision: UInt8 = 0,
    registerBytes: UInt64, vectors: Int
  ) {
    self.vendor = vendor
    self.device = device
    self.classCode = classCode
    self.revision = revision
    self.registerBytes = registerBytes
    self.vectors = vectors
  }
}
