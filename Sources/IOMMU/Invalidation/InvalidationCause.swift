/// Why an invalidation was issued: every one is counted under exactly one cause.
@frozen
public enum InvalidationCause: Int, Sendable, CaseIterable {
  /// A range, so that a device learns of a new translation.
  case map
  /// A range, at an unmap.
  case unmap
  /// A range, because its pages came of age.
  case age
  /// A range, before tables that became empty are freed.
  case tables
  /// Everything, because no address was free.
  case exhaustion
  /// Everything, because a queue was full.
  case queueFull
  /// Everything, because a time-out passed.
  case timeout
  /// Everything, because too much of the aperture was stale.
  case staleShare
  /// Everything, because a device was out of resources.
  case outOfResources
  /// Everything, because a device joined a domain that has mappings.
  case attach

  /// Whether the cause invalidates everything.
  @inlinable
  public var isGlobal: Bool {
    switch self {
    case .map, .unmap, .age, .tables: false
    case .exhaustion, .queueFull, .timeout, .staleShare, .outOfResources, .attach: true
    }
  }
}
