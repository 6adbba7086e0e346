/// Where a function stands in its life, as the driver knows it.
///
/// ```
/// reserved ⇄ standby ⇄ configured ⇄ enabled ⇄ error        any → gone
/// ```
///
/// The machine may move a function at any time; the driver learns of it by the next instruction's
/// condition code. `gone` is the end of a ``ZPCIFunction``: a function that comes back is found
/// anew.
///
/// Source: QEMU include/hw/s390x/s390-pci-bus.h, the comment at `ZpciState`, whose `disabled` is
/// `configured` here and whose `blocked` is a part of `error`; Linux arch/s390/include/asm/pci.h,
/// `enum zpci_state`.
@frozen
public enum FunctionState: UInt8, Sendable {
  /// Plugged in, but given to nobody.
  case reserved = 0
  /// Given to this system, but not configured.
  case standby = 1
  /// Configured, and to be enabled before it can be used.
  case configured = 2
  /// Ready for use.
  case enabled = 3
  /// Stopped by an error: its DMA and interruptions go nowhere.
  case error = 4
  /// Its handle is invalid: it was unplugged, or taken away.
  case gone = 5

  /// Whether a function of this state may be of state `next` afterwards.
  ///
  /// A state may always stay. Deconfiguring works from every configured state at once, which is
  /// what an unplug amounts to (QEMU hw/s390x/s390-pci-bus.c, `s390_pci_sclp_deconfigure`).
  public func canBecome(_ next: FunctionState) -> Bool {
    if self == next { return true }
    return switch (self, next) {
    case (.gone, _): false
    case (_, .gone): true
    case (.reserved, .standby), (.standby, .reserved), (.standby, .configured): true
    case (.configured, .enabled), (.enabled, .configured): true
    case (.enabled, .error), (.error, .enabled), (.error, .configured): true
    case (.configured, .standby), (.enabled, .standby), (.error, .standby): true
    case (.configured, .reserved), (.enabled, .reserved), (.error, .reserved): true
    default: false
    }
  }
}

/// A function's handle and state in one word, so that both change at once and no reader sees half.
@frozen
@usableFromInline
struct HandleAndState: Equatable, BitwiseCopyable, Sendable {
  @usableFromInline
  let rawValue: UInt64

  @inlinable
  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  @inlinable
  init(_ handle: FunctionHandle, _ state: FunctionState) {
    rawValue = UInt64(handle.rawValue) &<< 32 | UInt64(state.rawValue)
  }

  @inlinable
  var handle: FunctionHandle { FunctionHandle(UInt32(truncatingIfNeeded: rawValue &>> 32)) }

  @inlinable
  var state: FunctionState {
    FunctionState(rawValue: UInt8(truncatingIfNeeded: rawValue)) ?? .gone
  }

  /// Whether instructions with the handle can reach the function at all.
  @inlinable
  var isReachable: Bool { state == .enabled || state == .error }
}
