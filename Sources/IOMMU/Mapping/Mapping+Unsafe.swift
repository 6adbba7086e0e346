/// Proof that `memory` can be reached by the device at `device`, until this token is unmapped.
///
/// Only the domain's `unmap` consumes it properly. A token that is dropped instead puts its pages
/// in the domain's ``Quarantine``: they stay mapped and are never handed out again, because the
/// device may still write them.
@safe
@frozen
public struct Mapping<Direction: DMADirection>: ~Copyable, Sendable {
  /// Where the device finds the bytes.
  public let device: IOVARange

  /// The bytes themselves, as the caller gave them.
  public let memory: PhysicalRange

  /// Whether a bounce buffer stands between `memory` and the device.
  public let isBounced: Bool

  /// The processor that the mapping was made on, which may still have to announce it.
  @usableFromInline
  let processor: UInt32

  @usableFromInline
  let unsafeQuarantine: Unmanaged<Quarantine>

  /// Made by a domain, once the translation is in the table.
  @inlinable
  package init(
    device: IOVARange, memory: PhysicalRange, isBounced: Bool, on cpu: CPUIndex = .boot,
    quarantine: Quarantine
  ) {
    self.device = device
    self.memory = memory
    self.isBounced = isBounced
    processor = UInt32(truncatingIfNeeded: cpu.rawValue)
    // SAFETY: the domain keeps its quarantine alive for as long as a token is out, and for ever
    // if it is destroyed before that.
    unsafe unsafeQuarantine = Unmanaged.passUnretained(quarantine)
  }

  /// Whether `quarantine` is that of the domain which made this token.
  @inlinable
  package borrowing func belongs(to quarantine: Quarantine) -> Bool {
    // SAFETY: only the identity is compared.
    unsafe unsafeQuarantine.toOpaque() == Unmanaged.passUnretained(quarantine).toOpaque()
  }

  /// Ends the token's life without quarantining its pages: the domain has taken them over.
  @inlinable
  package consuming func surrender() {
    discard self
  }

  deinit {
    // SAFETY: see `init`.
    unsafe unsafeQuarantine._withUnsafeGuaranteedRef { $0.take(device) }
  }
}
