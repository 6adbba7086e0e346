/// How a paging domain is to work, besides its scheme.
@frozen
public struct PagingDomainOptions: Sendable, BitwiseCopyable {
  /// The number of processors that use the domain, 1 or more.
  public var processors: Int

  /// What is done beyond the plain policy.
  public var modifiers: PolicyModifiers

  /// What invalidations cost on this machine.
  public var cost: InvalidationCost

  /// What the devices can address.
  public var limits: DeviceLimits

  /// The binary logarithm of the translations kept for reuse per processor, 1 to 20.
  public var reuseSlotsLog2: Int

  /// The number of empty tables at which they are freed at the cost of an invalidation.
  ///
  /// Below it they wait for the next global one. Each is 2 KiB on s390.
  public var emptyTableLimit: Int

  /// A plain domain, unless told more.
  @inlinable
  public init(
    processors: Int = 1, modifiers: PolicyModifiers = .none, cost: InvalidationCost = .shadowed,
    limits: DeviceLimits = DeviceLimits(), reuseSlotsLog2: Int = 9, emptyTableLimit: Int = 1_024
  ) {
    self.processors = processors
    self.modifiers = modifiers
    self.cost = cost
    self.limits = limits
    self.reuseSlotsLog2 = min(max(reuseSlotsLog2, 1), 20)
    self.emptyTableLimit = max(emptyTableLimit, 1)
  }
}
