/// Why a group or one of its devices is not where the caller wanted it.
///
/// Unless the operation says otherwise, every device of the group reaches nothing, but for stuck
/// ones.
public enum AttachError: Error, Equatable {
  /// The hardware refused.
  case control(ControlError)
  /// The domain's addresses reach beyond what the device can use.
  case aperture(domain: IOVARange, device: IOVARange)
  /// The domain defers invalidations, which this device or its lack of trust forbids.
  case mayNotDefer
  /// The domain has as many devices as it can hold.
  case tooManyDevices(limit: Int)
  /// The device or its group has a domain already: detach or replace it.
  case alreadyAttached
  /// The device is in no state for that, such as released, or no member of this group.
  case wrongState(DeviceState)
  /// The device's function is another device's already.
  case functionTaken
  /// The hardware refused to block the device, which may still reach what it did before.
  case stuck(ControlError)
  /// Somebody else owns the group; nothing changed.
  case ownership(OwnershipError)
}

/// Why the caller may not change a group now.
public enum OwnershipError: Error, Equatable {
  /// So many drivers use the DMA API on it.
  case inUse(drivers: Int)
  /// A user-space owner has claimed it, with so many devices.
  case claimed(devices: Int)
}
