public import IOMMU
public import ZPCI

/// A platform without a machine: s390's tables in plain memory, a clock that stands still, and
/// hardware that does nothing but count.
///
/// For whatever looks at the stack's own code: what it costs, what it is compiled to, what its
/// processors share. All of it can be inlined, so that a domain over it is compiled as if it had
/// been declared where the domain is used. No device is behind it, so that it shows nothing about
/// what a device could reach.
@frozen
public enum CountingPlatform: DMAPlatform {
  /// Three levels, as s390 has them.
  public typealias Format = S390ThreeLevel
  /// Tables in memory of this process.
  public typealias Memory = PlainMemory
  /// Hardware that counts.
  public typealias Control = CountingControl
  /// A timer that never fires.
  public typealias Timer = StillTimer
  /// Nobody watches.
  public typealias Observer = NoObserver
}
