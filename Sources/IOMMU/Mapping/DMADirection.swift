/// Which way data moves through a mapping, as a type: reading what a device never writes does not
/// compile.
public protocol DMADirection: Sendable {
  /// What the device is allowed to do.
  static var permission: DevicePermission { get }
  /// Whether the device reads memory.
  static var deviceReads: Bool { get }
  /// Whether the device writes memory.
  static var deviceWrites: Bool { get }
}

/// A direction in which the device writes, so that the processor may look at the result.
public protocol DeviceWritable: DMADirection {}

/// A direction in which the device reads what the processor wrote.
public protocol DeviceReadable: DMADirection {}

/// Memory to device: the device only reads.
public enum ToDevice: DeviceReadable {
  /// What the device may do.
  @inlinable public static var permission: DevicePermission { .read }
  /// Whether the device reads.
  @inlinable public static var deviceReads: Bool { true }
  /// Whether the device writes.
  @inlinable public static var deviceWrites: Bool { false }
}

/// Device to memory: the device writes.
public enum FromDevice: DeviceWritable {
  /// What the device may do.
  @inlinable public static var permission: DevicePermission { .readWrite }
  /// Whether the device reads.
  @inlinable public static var deviceReads: Bool { false }
  /// Whether the device writes.
  @inlinable public static var deviceWrites: Bool { true }
}

/// Both ways.
public enum Bidirectional: DeviceWritable, DeviceReadable {
  /// What the device may do.
  @inlinable public static var permission: DevicePermission { .readWrite }
  /// Whether the device reads.
  @inlinable public static var deviceReads: Bool { true }
  /// Whether the device writes.
  @inlinable public static var deviceWrites: Bool { true }
}
