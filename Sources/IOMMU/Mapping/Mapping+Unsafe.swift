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

  /// The processor that it was made on, above a flag, or the ``entry`` of a leased page.
  ///
  /// One word, so that moving a token moves words.
  @usableFromInline
  let origin: UInt64

  /// The domain, and whether the table counts the pages.
  @usableFromInline
  let owner: MappingOwner

  /// Made by a domain, once the translation is in the table.
  @inlinable
  package init(
    device: IOVARange, memory: PhysicalRange, isBounced: Bool, on cpu: CPUIndex = .boot,
    quarantine: Quarantine
  ) {
    self.device = device
    memoryFirst = memory.first
    place = .none
    origin =
      UInt64(truncatingIfNeeded: cpu.rawValue) &<< 1 | (isBounced ? Self.bouncedFlag : 0)
    owner = MappingOwner(quarantine)
  }

  /// The token for a page that was written through a lease, to `entry`, and is to be retired with
  /// `place`.
  @inlinable
  init(
    device: IOVARange, memory: PhysicalRange, place: OpenPagePlace, entry: LeafHandle,
    leasedBy owner: MappingOwner
  ) {
    self.device = device
    memoryFirst = memory.first
    self.place = place
    origin = entry.rawValue
    self.owner = owner
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
  public var isBounced: Bool { !owner.isLeased && hasBounceFlag }

  /// The same for a mapping that is known not to have been written through a lease.
  @inlinable
  var hasBounceFlag: Bool { origin & Self.bouncedFlag != 0 }

  /// The entry of a page that was written through a lease.
  ///
  /// The lease ends only when the page is live no more, so the entry is there until then.
  @inlinable
  var entry: LeafHandle { LeafHandle(rawValue: origin) }

  /// The processor that a mapping with `origin` was made on, which may still have to announce it.
  @inlinable
  static func processor(_ origin: UInt64) -> CPUIndex {
    CPUIndex(Int(truncatingIfNeeded: origin &>> 1))
  }

  /// Whether `quarantine` is that of the domain which made this token, for pages that its table
  /// counts.
  @inlinable
  package borrowing func belongs(to quarantine: Quarantine) -> Bool {
    owner == MappingOwner(quarantine)
  }

  /// Ends the token's life without quarantining its pages: the domain has taken them over.
  @inlinable
  package consuming func surrender() {
    discard self
  }

  deinit {
    owner.quarantine(device)
  }
}
