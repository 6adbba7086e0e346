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

  @usableFromInline
  let memoryFirst: PhysicalAddress

  /// What the scheme wants back with a single page that was written through a lease, and which the
  /// table does not count.
  @usableFromInline
  let place: OpenPagePlace

  /// The processor that it was made on, above a flag: one word, so that moving a token moves words.
  @usableFromInline
  let origin: UInt64

  @usableFromInline
  let unsafeQuarantine: Unmanaged<Quarantine>

  /// Made by a domain, once the translation is in the table.
  @inlinable
  package init(
    device: IOVARange, memory: PhysicalRange, isBounced: Bool, on cpu: CPUIndex = .boot,
    place: OpenPagePlace = .none, quarantine: Quarantine
  ) {
    self.device = device
    memoryFirst = memory.first
    self.place = place
    origin =
      UInt64(truncatingIfNeeded: cpu.rawValue) &<< 1 | (isBounced ? Self.bouncedFlag : 0)
    // SAFETY: the domain keeps its quarantine alive for as long as a token is out, and for ever
    // if it is destroyed before that.
    unsafe unsafeQuarantine = Unmanaged.passUnretained(quarantine)
  }

  @inlinable static var bouncedFlag: UInt64 { 1 }

  /// The bytes themselves, as the caller gave them.
  @inlinable
  public var memory: PhysicalRange {
    // As many as the device has; only a list's token has more there than in its first buffer, and
    // that is not shown.
    PhysicalRange(
      ordered: memoryFirst, PhysicalAddress(memoryFirst.rawValue &+ device.byteCountMinusOne))
  }

  /// Whether a bounce buffer stands between `memory` and the device.
  @inlinable
  public var isBounced: Bool { origin & Self.bouncedFlag != 0 }

  /// Whether it is one page, written through a lease and not counted by the table.
  @inlinable
  var isLeased: Bool { place != .none }

  /// The processor that the mapping was made on, which may still have to announce it.
  @inlinable
  var processor: CPUIndex { CPUIndex(Int(truncatingIfNeeded: origin &>> 1)) }

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
