/// Everything that a domain takes from the machine it runs on, bound at compile time.
///
/// A model, bare metal and a test each have one; all calls through it specialise.
public protocol DMAPlatform: Sendable {
  /// The translation table's bits.
  associatedtype Format: TableFormat
  /// Where tables and buffers lie.
  associatedtype Memory: TableMemory & BufferMemory
  /// The hardware end of a device's translation.
  associatedtype Control: TranslationControl
  /// Time, and the domain's timer.
  associatedtype Timer: DomainTimer
  /// Who watches; ``NoObserver`` compiles to nothing.
  associatedtype Observer: DomainObserver
}

/// The clock and timer that a platform lends to one domain.
public protocol DomainTimer: MonotonicClock {
  /// Has the domain's `timerFired` called with `purpose` once, no earlier than `timeout` from now.
  ///
  /// May be called again before it fired; each call fires for itself.
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision)
}

/// Someone who watches a domain's promises, such as a checker.
///
/// Each call comes when the thing has just happened, on the processor that did it.
public protocol DomainObserver: Sendable {
  /// Whether the domain is to measure how long pages are stale, which takes a look at the clock for
  /// each unmap, and a word that all processors write.
  static var measuresStaleTime: Bool { get }
  /// The addresses of `device` were handed out; nothing was written to their entries yet.
  func allocated(_ device: IOVARange)
  /// The entries of `device` were written.
  func mapped(_ device: IOVARange, to memory: PhysicalRange, _ permission: DevicePermission)
  /// The device may use `device` from now on.
  func usable(_ device: IOVARange)
  /// The mapping was handed back; its entries may still stand, if they wait for reuse.
  func unmapped(_ device: IOVARange)
  /// The call that unmapped `device` returns: a policy that does not defer has kept its promise.
  func unmapReturned(_ device: IOVARange)
  /// The old translation of `device` is in use again, for the same memory.
  func reused(_ device: IOVARange)
  /// An invalidation begins; `nil` stands for everything.
  func invalidationBegan(_ range: IOVARange?)
  /// The invalidation that began last on this processor ended.
  func invalidationEnded(_ range: IOVARange?, succeeded: Bool)
  /// `device` was taken out of use for ever.
  func quarantined(_ device: IOVARange)
}

/// Nobody watches.
public struct NoObserver: DomainObserver {
  /// An observer that sees nothing.
  @inlinable public init() {}

  /// Does not want to know.
  @inlinable public static var measuresStaleTime: Bool { false }
}

extension DomainObserver {
  /// Wants to know.
  @inlinable public static var measuresStaleTime: Bool { true }
  /// Ignores it.
  @inlinable public func allocated(_ device: IOVARange) {}
  /// Ignores it.
  @inlinable public func mapped(
    _ device: IOVARange, to memory: PhysicalRange, _ permission: DevicePermission
  ) {}
  /// Ignores it.
  @inlinable public func usable(_ device: IOVARange) {}
  /// Ignores it.
  @inlinable public func unmapped(_ device: IOVARange) {}
  /// Ignores it.
  @inlinable public func unmapReturned(_ device: IOVARange) {}
  /// Ignores it.
  @inlinable public func reused(_ device: IOVARange) {}
  /// Ignores it.
  @inlinable public func invalidationBegan(_ range: IOVARange?) {}
  /// Ignores it.
  @inlinable public func invalidationEnded(_ range: IOVARange?, succeeded: Bool) {}
  /// Ignores it.
  @inlinable public func quarantined(_ device: IOVARange) {}
}
