/// Something that several processors touch, as an explorer of interleavings tells it from others.
///
/// Two yield points that name different objects can change places without anyone noticing. In
/// ordinary builds a value of this type is empty and costs nothing; with the package trait
/// `InterleavingExploration` it is a number that is the same in every run of a scenario, whatever
/// the interleaving.
@frozen
public struct SharedObject: Equatable, Sendable, BitwiseCopyable {
  #if InterleavingExploration
  /// What tells the object from others; 0 stands for everything.
  public let name: UInt64

  /// The object that explorers call `name`.
  @inlinable
  public init(name: UInt64) {
    self.name = name
  }
  #else
  @usableFromInline
  init(name: UInt64) {}
  #endif

  /// An object of its own; make one together with what it stands for, and keep it there.
  ///
  /// `label` is what reports call it; `lines` cache lines besides the object's own are read or
  /// written by whoever takes it, if it is a lock.
  @inlinable
  public init(_ label: StaticString = "", lines: Int = 0) {
    #if InterleavingExploration
    self.init(name: YieldPoint.observer?.nameObject(label, lines: lines) ?? 0)
    #endif
  }

  /// A word of memory that processors and devices share, such as a table's entry.
  @inlinable
  public init(at address: PhysicalAddress) {
    #if InterleavingExploration
    // Names of objects made by `init()` have this bit clear.
    self.init(name: address.rawValue | 1 << 63)
    #endif
  }

  /// Whatever there is: conflicts with each and every object.
  @inlinable
  public static var everything: SharedObject { SharedObject(name: 0) }

  /// Which memory is given out to tables and buffers.
  @inlinable
  public static var memory: SharedObject { SharedObject(name: (1 << 40) - 1) }

  /// Part number `index` of an object whose parts are touched apart from each other.
  @inlinable
  public func part(_ index: Int) -> SharedObject {
    #if InterleavingExploration
    if name == 0 { return self }
    return SharedObject(name: name | UInt64(truncatingIfNeeded: index &+ 1) &<< 40 & ~(1 << 63))
    #else
    return self
    #endif
  }
}
