public import Synchronization

/// How many devices a domain has, and of what kind, in one word: so that mapping looks once.
@usableFromInline
struct DomainPopulation: ~Copyable, Sendable {
  @usableFromInline let word: Atomic<UInt64>
  @usableFromInline let shared = SharedObject("domain population")
  private let mayBeQuick: Bool

  /// No device; `isQuick` where the domain itself has nothing against the quick way to map.
  init(isQuick: Bool) {
    self.mayBeQuick = isQuick
    word = Atomic(isQuick ? 0 : Count.isSlow)
  }

  /// The numbers now.
  @inlinable
  var count: Count {
    YieldPoint.reached(.load, shared)
    return Count(word: word.load(ordering: .acquiring))
  }

  /// Whether there is a device, none has to be told of new translations, and the domain may take
  /// the quick way.
  ///
  /// Sequentially consistent: after an entry was exchanged, either this tells of a device that has
  /// to be told of it, or that device, which is counted before it is enabled, reads the new entry.
  @inlinable
  @inline(__always)
  var isQuick: Bool {
    YieldPoint.reached(.load, shared)
    return Int64(bitPattern: word.load(ordering: .sequentiallyConsistent)) > 0
  }

  /// Counts a device in, as what `device` says.
  func add(_ device: UInt64) { change { $0 &+ device } }

  /// Counts a device out.
  func subtract(_ device: UInt64) { change { $0 &- device } }

  private func change(_ change: (UInt64) -> UInt64) {
    while true {
      YieldPoint.reached(.store, shared)
      let old = word.load(ordering: .relaxed)
      let count = Count(word: change(old & ~Count.isSlow))
      let isSlow = !mayBeQuick || count.announcing != 0
      let (done, _) = word.compareExchange(
        expected: old, desired: count.word | (isSlow ? Count.isSlow : 0),
        ordering: .sequentiallyConsistent)
      if done { return }
    }
  }

  /// What the word holds: three numbers of 16 bits, each of a few devices, and a flag.
  @usableFromInline
  struct Count: Sendable, BitwiseCopyable {
    @usableFromInline let word: UInt64

    @inlinable
    init(word: UInt64) { self.word = word }

    /// One device on the list, or on its way there.
    @inlinable static var attached: UInt64 { 1 }
    /// One that waits for a recovery or reset.
    @inlinable static var waiting: UInt64 { 1 &<< 16 }
    /// One of those attached that has to be told of new translations.
    @inlinable static var announcing: UInt64 { 1 &<< 32 }
    /// The quick way is not to be taken: a sign, so that one comparison tells that it may be, and
    /// that there are devices.
    @inlinable static var isSlow: UInt64 { 1 &<< 63 }

    /// The number of devices on the list, or on their way there.
    @inlinable var attached: Int { Int(word & 0xffff) }
    /// The number of devices that wait for a recovery or reset.
    @inlinable var waiting: Int { Int(word &>> 16 & 0xffff) }
    /// How many of those attached have to be told of new translations.
    @inlinable var announcing: Int { Int(word &>> 32 & 0xffff) }
    /// Whether any device is in the domain, be it pending.
    @inlinable var hasDevices: Bool { word & 0xffff_ffff != 0 }
  }
}
