/// Where a device stands in its life.
///
/// Docs/life-cycle.md has the table of ``after(_:)`` and a picture; a test compares them.
public enum DeviceState: UInt8, Sendable, CaseIterable {
  /// In no group; it reaches nothing.
  case probed
  /// Member of a group; it reaches nothing, and no domain counts it.
  case blocked
  /// Member of a group, in the group's domain.
  case attached
  /// Member of a group; the group's domain counts it, and it reaches nothing until it is recovered
  /// or reset: it was in error state or fenced when it should have been attached.
  case pending
  /// The hardware refused to block it. The domain that it was in goes on invalidating it and stays
  /// alive, because the device may still reach what that domain maps.
  case stuck
  /// Member of a group, and gone for good; it reaches nothing and can only be released.
  case gone
  /// Out of its group for ever.
  case released
}

/// What can happen to a device.
public enum DeviceEvent: UInt8, Sendable, CaseIterable {
  /// It was added to a group.
  case add
  /// Its group's domain refused it while it was being added.
  case refuse
  /// It was enabled in a domain.
  case attach
  /// It is to wait for a recovery or reset in its group's domain.
  case postpone
  /// The hardware confirmed that it reaches nothing, or it reached nothing anyway.
  case block
  /// The hardware refused to block it.
  case stick
  /// Recovering or resetting it found that its handle is invalid for good.
  case vanish
  /// It was taken out of its group.
  case release
}

extension DeviceState {
  /// The state after `event`, or `nil` where that cannot happen to a device in this state.
  ///
  /// The life cycle goes by this table alone: what it does not have is a programmer's error. A
  /// device comes to reach anything only from ``blocked``.
  public func after(_ event: DeviceEvent) -> DeviceState? {
    switch (self, event) {
    case (.probed, .add): .blocked
    case (.blocked, .refuse): .probed
    case (.blocked, .attach): .attached
    case (.blocked, .postpone): .pending
    case (.attached, .block), (.pending, .block), (.stuck, .block): .blocked
    case (.blocked, .stick), (.attached, .stick), (.stuck, .stick): .stuck
    case (.blocked, .vanish): .gone
    case (.blocked, .release), (.stuck, .release), (.gone, .release): .released
    default: nil
    }
  }

  /// Whether a device in this state is a member of a group.
  public var isMember: Bool { self != .probed && self != .released }
}

/// Where a group stands: which domain its devices are in, and who may change that.
public enum GroupState: UInt8, Sendable, CaseIterable {
  /// In no domain; its devices reach nothing.
  case blocked
  /// In the default domain; drivers may use the DMA API.
  case byDefault
  /// In a domain that the system attached in place of the default one.
  case attached
  /// Claimed by a user-space owner, in no domain.
  case claimed
  /// Claimed by a user-space owner, in a domain of the owner's.
  case owned
}

/// What can happen to a group.
public enum GroupEvent: UInt8, Sendable, CaseIterable {
  /// Every device left its domain.
  case leave
  /// It entered its default domain.
  case enterDefault
  /// It entered another domain.
  case enter
  /// An owner claimed it.
  case claim
  /// The owner gave it back.
  case giveBack
}

extension GroupState {
  /// The state after `event`, or `nil` where that cannot happen to a group in this state.
  ///
  /// A domain is entered only from a state in which all devices are blocked, and an owner comes and
  /// goes only then.
  public func after(_ event: GroupEvent) -> GroupState? {
    switch (self, event) {
    case (.blocked, .leave), (.byDefault, .leave), (.attached, .leave): .blocked
    case (.claimed, .leave), (.owned, .leave): .claimed
    case (.blocked, .enterDefault): .byDefault
    case (.blocked, .enter): .attached
    case (.claimed, .enter): .owned
    case (.blocked, .claim): .claimed
    case (.claimed, .giveBack): .blocked
    default: nil
    }
  }

  /// Whether a user-space owner has the group.
  public var isClaimed: Bool { self == .claimed || self == .owned }

  /// Whether no device of the group reaches anything, but for stuck ones.
  public var isBlocked: Bool { self == .blocked || self == .claimed }
}
