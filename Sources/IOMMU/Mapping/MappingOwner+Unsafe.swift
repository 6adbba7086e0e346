/// Which domain made a token, and whether the domain's table counts the token's pages.
///
/// One word: so one comparison tells both of a token that is to be unmapped. A pointer and not a
/// number: it is never null, which leaves null to stand for no token where one is optional.
@frozen
@usableFromInline
@safe
struct MappingOwner: Equatable, @unchecked Sendable, BitwiseCopyable {
  /// The address of the domain's quarantine, whose lowest bits are zero, plus a flag.
  @usableFromInline let unsafeTagged: UnsafeRawPointer

  /// The owner of tokens of the domain that has `quarantine`; `isLeased` where the page was written
  /// through a lease, and is not counted by the table.
  @inlinable
  init(_ quarantine: Quarantine, isLeased: Bool = false) {
    // SAFETY: (1) only the address is kept, an odd one is never read through; (2) the domain keeps
    // its quarantine alive for as long as a token is out, and for ever if it is destroyed before.
    let address = unsafe UnsafeRawPointer(Unmanaged.passUnretained(quarantine).toOpaque())
    unsafe unsafeTagged = isLeased ? address + Self.leasedFlag : address
  }

  @inlinable static var leasedFlag: Int { 1 }

  /// Whether the page was written through a lease.
  @inlinable
  var isLeased: Bool {
    // SAFETY: only the address is looked at.
    unsafe Int(bitPattern: unsafeTagged) & Self.leasedFlag != 0
  }

  /// Whether both are the same domain's, and counted alike.
  @inlinable
  static func == (left: MappingOwner, right: MappingOwner) -> Bool {
    // SAFETY: only addresses are compared.
    unsafe left.unsafeTagged == right.unsafeTagged
  }

  /// Leaves `range`, whose token is dropped, to the domain's quarantine.
  @inlinable
  @inline(never)
  func quarantine(_ range: IOVARange) {
    // SAFETY: (1) without its flag the address is that of a quarantine, see `init`; (2) which is
    // alive, see there.
    let address = unsafe isLeased ? unsafeTagged - Self.leasedFlag : unsafeTagged
    unsafe Unmanaged<Quarantine>.fromOpaque(address)._withUnsafeGuaranteedRef { $0.take(range) }
  }
}
