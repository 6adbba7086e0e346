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

  /// The number of empty tables out of the hardware's sight for which there is an invalidation.
  ///
  /// Below it they wait for the next global one. No more than as many again stay in its sight, and
  /// those of one invalidation are freed before the next. So up to twice as many are held that
  /// nobody needs, of 2 KiB each on s390; and an invalidation frees as many as this, or more.
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
