/// Devices that cannot be told apart by the hardware, and so always share one domain.
///
/// The group's lock is the only thing that attach, replace, detach, claim, recover, reset and
/// release need to hold, and all of them hold it: whoever owns the lock owns the hardware. A change
/// always goes through the blocked state; a device whose attach fails stays blocked, never half
/// attached. ``GroupState`` and ``DeviceState`` say what may follow what.
///
/// ```swift
/// let group = DeviceGroup(defaultDomain: domain)
/// try group.add(device, on: cpu)
/// let use = try group.beginUse(on: cpu)   // a driver: `domain.map` and so on from here
/// use.end()
/// let owner = try group.claim(on: cpu)    // a user-space owner: everything is blocked now
/// try owner.attach(ownDomain, on: cpu)
/// try owner.giveBack(on: cpu)             // blocked, then in the default domain again
/// ```
///
/// When the last reference to a group goes, its devices are blocked.
/// Context: any processor, several at once. Lock order: a group's lock, then a domain's membership,
/// then a function's. Invalidations take none of them. A group's lock is held for as long as its
/// devices' instructions take.
public final class DeviceGroup<Control: TranslationControl>: @unchecked Sendable {
  let lock = SpinLock()
  let owner = TranslationOwner()
  let blocked = BlockedDomain<Control>()

  /// The domain that the group is in when nobody asks for another; `nil` for none.
  public let defaultDomain: TranslationDomain<Control>?

  // What follows is guarded by the lock.
  var members: [DMADevice<Control>] = []
  /// `nil` while the group is in none, and so blocked.
  var domain: TranslationDomain<Control>?
  var standing: GroupState
  var uses = 0
  /// The number of the latest claim; a token that names an older one has been given back.
  var claimNumber: UInt64 = 0
  var returnFailure: AttachError?

  /// An empty group in `defaultDomain`, or blocked where there is none.
  public init(defaultDomain: TranslationDomain<Control>? = nil) {
    let used = defaultDomain.flatMap { $0.translates ? $0 : nil }
    self.defaultDomain = used
    domain = used
    standing = used == nil ? .blocked : .byDefault
  }

  deinit {
    // Nobody else can be here any more. A stuck device keeps its domain alive by itself.
    for device in members { retire(device, on: .boot) }
  }

  /// The domain that the group is in; a ``BlockedDomain`` where it is in none.
  public var current: TranslationDomain<Control> {
    lock.withLock { domain ?? blocked }
  }

  /// Where the group stands.
  public var state: GroupState { lock.withLock { standing } }

  /// The number of devices, gone and stuck ones included.
  public var deviceCount: Int { lock.withLock { members.count } }

  /// The number of drivers that use the DMA API on the group.
  public var driverCount: Int { lock.withLock { uses } }

  /// Why the group could not return to its default domain when it was last given back, and is
  /// blocked for that; `nil` where it did return.
  public var lastReturnFailure: AttachError? { lock.withLock { returnFailure } }

  /// Adds a device that was just probed; it joins the domain that the group is in.
  ///
  /// A function in error state, or fenced, becomes a ``DeviceState/pending`` member.
  ///
  /// Throws: `functionTaken` where a device has its function, be it this one, which is a member
  /// already; `wrongState` where it was released; otherwise why the domain refused it: it is no
  /// member and is blocked, but after `stuck` it is a stuck member, to be reset or released. The
  /// others stay where they are. Complexity: linear in the group's devices, with a few instructions
  /// to this one. Context: takes the group's lock. Allocates: room for the member.
  /// Invalidates: nothing; the device reaches what the domain maps when this returns.
  public func add(_ device: DMADevice<Control>, on cpu: CPUIndex) throws(AttachError) {
    try lock.withLock { () throws(AttachError) in
      guard device.control.claim.take() else { throw .functionTaken }
      guard device.take(.add) else {
        device.control.claim.giveBack()
        throw .wrongState(device.state)
      }
      guard let domain else {
        members.append(device)
        return
      }
      do throws(AttachError) {
        _ = try admit(device, to: domain, on: cpu)
      } catch {
        if device.state != .stuck {
          device.go(.refuse)
          device.control.claim.giveBack()
          throw error
        }
        members.append(device)
        throw error
      }
      members.append(device)
    }
  }

  /// Blocks the device and takes it out of the group for ever; it is going away.
  ///
  /// It may be called whoever owns or uses the group, as a card may be pulled at any time. The
  /// others stay in their domain. Releasing twice does nothing, nor does releasing another group's
  /// device. A device that will not be blocked is reset as well.
  ///
  /// Returns how the device came to reach nothing; `stuck` where not even the reset could bring
  /// that about: the domain that it may reach then lives for ever, and says so by its `stuckCount`.
  /// Complexity: linear in the group's devices, with a few instructions to this one. Context: takes
  /// the group's lock, and waits for invalidations that are using the device. Allocates: never.
  /// Invalidates: everything, for this device.
  @discardableResult
  public func release(_ device: DMADevice<Control>, on cpu: CPUIndex) -> DetachOutcome {
    lock.withLock {
      guard let index = members.firstIndex(where: { $0 === device }) else {
        return device.lastDetach
      }
      let outcome = retire(device, on: cpu)
      members.remove(at: index)
      return outcome
    }
  }
}
