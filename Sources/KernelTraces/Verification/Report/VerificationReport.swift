public import IOMMU

/// How far the model of a kernel repeated what a trace says the kernel did.
public struct VerificationReport: Equatable, Sendable {
  /// The kernel that was modelled.
  public var kernel: KernelModel
  /// The policy that was modelled.
  public var policy: InvalidationPolicy
  /// Processors in the trace.
  public var cpus = 1
  /// The addresses that the kernel hands out, in pages.
  public var aperture = PageRun(first: 0, pages: 1)
  /// Whether the aperture is named by the trace or the caller, and not inferred.
  public var isApertureKnown = false
  /// Whether the trace tells of the kernel's first allocation.
  public var knowsStart = true
  /// Calls to map, or lines of it.
  public var maps = 0
  /// Calls to unmap, or lines of it.
  public var unmaps = 0
  /// The addresses handed out.
  public var iova = Addresses()
  /// The invalidations of ranges.
  public var range = Ranges()
  /// The invalidations of everything.
  public var global = Globals()
  /// What the trace lost, as far as that can be known.
  public var lost = Losses()
  /// What the kernel's own counters should say.
  public var counters = Counters()
  /// The first differences, at most ``differencesMax``.
  public var differences: [Difference] = []

  /// How many differences are kept.
  public static let differencesMax = 10

  /// Addresses handed out, as the kernel chose them and as the model did.
  public struct Addresses: Equatable, Sendable {
    /// Allocations that the model could predict.
    public var compared = 0
    /// Allocations at another place than predicted, with no other explanation than a lost event.
    public var divergences = 0
    /// Of the divergences: the kernel's depot was reclaimed at another moment.
    public var reclaim = 0
    /// Allocations whose order against another processor or an interrupt the trace tells wrongly;
    /// with the order changed they are as predicted.
    public var reordered = 0
    /// Allocations that depend on what came before the trace.
    public var unpredictable = 0
  }

  /// Invalidations of ranges.
  public struct Ranges: Equatable, Sendable {
    /// Those in the trace.
    public var recorded = 0
    /// Those that the model issues for the maps and unmaps in the trace.
    public var modelled = 0
    /// Those that are equal in place, length and order.
    public var equal = 0
  }

  /// Invalidations of everything.
  public struct Globals: Equatable, Sendable {
    /// Those in the trace.
    public var recorded = 0
    /// Those that the model issued.
    public var modelled = 0
    /// Of the recorded ones that the model issued as well: because addresses ran out.
    public var exhaustion = 0
    /// The same, because a queue was full.
    public var queueFull = 0
    /// The same, because a queue's timer went off.
    public var timer = 0
    /// The largest difference in time between a recorded one and the model's, in nanoseconds.
    public var worstOffset: UInt64 = 0
    /// Ticks a second of the clock that fits the timers best; `nil` where none was compared.
    public var hertz: UInt64?
  }

  /// Events that are missing in the trace.
  public struct Losses: Equatable, Sendable {
    /// Unmaps: their addresses were handed out again.
    public var unmapsByAddress = 0
    /// Unmaps: their buffer was mapped again.
    public var unmapsByBuffer = 0
    /// Calls to map.
    public var calls = 0
    /// Returns of calls to map.
    public var returns = 0
    /// Invalidations of a range.
    public var refreshes = 0
    /// Invalidations of everything that the model issued and the trace does not have.
    public var globals = 0
    /// Unmaps of pages that the trace does not map: their map is lost, or came before.
    public var maps = 0
    /// Invalidations that nothing in the trace explains.
    public var unexplained = 0

    /// Events that are missing.
    public var total: Int {
      unmapsByAddress + unmapsByBuffer + calls + returns + refreshes + globals + maps
    }
  }

  /// What the kernel counted between the first and the last line, lost events included.
  public struct Counters: Equatable, Sendable {
    /// Pages mapped.
    public var mapped: UInt64 = 0
    /// Pages unmapped.
    public var unmapped: UInt64 = 0
    /// Invalidations of a range, at a map.
    public var mapRefreshes: UInt64 = 0
    /// Invalidations of a range, at an unmap.
    public var unmapRefreshes: UInt64 = 0
    /// Invalidations of everything.
    public var globalRefreshes: UInt64 = 0
  }

  /// One difference between the kernel and the model.
  public struct Difference: Equatable, Sendable {
    /// The line of the trace; 0 where several lines make the event.
    public var line: Int
    /// When, in nanoseconds of the trace's clock.
    public var time: UInt64
    /// What differs, for people.
    public var text: String
  }

  /// Whether everything that could be compared agrees, but for what lost events explain.
  ///
  /// Where no address could be compared, nothing is known. Losses are rare: where more than one
  /// event in ten would have to be lost, or more refreshes of everything than there are, the kernel
  /// or its policy is another one.
  public var holds: Bool {
    range.equal == range.recorded && range.modelled - range.equal == lost.refreshes
      && global.recorded + lost.globals == global.modelled && lost.unexplained == 0
      && lost.globals <= max(global.recorded, 1) && lost.total <= lostMax
      && (iova.compared > 0 || iova.unpredictable == 0)
      && iova.divergences <= iovaDivergencesAllowed && global.worstOffset <= 100_000_000
  }

  /// One event in ten, and a few that a trace that was started in the middle does not explain.
  private var lostMax: Int { 10 + (maps + unmaps + range.recorded + global.recorded) / 10 }

  /// The divergences that are explained: one a lost event, and at most one in fifty allocations
  /// where a depot is reclaimed at moments that no trace tells.
  ///
  /// On one processor these have to show that they come from there. On several, what a depot gives
  /// back and which processor takes it from there cannot be told apart.
  public var iovaDivergencesAllowed: Int {
    var hasDepot = false
    if case .queue = policy { hasDepot = kernel.flavour == .linux6_12 }
    if case .singleQueue = policy { hasDepot = true }
    // A refresh of everything that only the model made can be the difference itself.
    let lost = lost.total - lost.globals
    return !hasDepot ? lost : lost + min(iova.compared / 50, cpus > 1 ? .max : iova.reclaim)
  }
}

/// A kernel whose allocator the model knows.
public enum KernelModel: Equatable, Sendable, CaseIterable {
  /// Linux 6.1 on s390, which has an allocator of its own (arch/s390/pci/pci_dma.c).
  case linux6_1s390
  /// Linux 6.12 on s390, on the common DMA layer.
  case linux6_12s390
  /// Linux 6.1 elsewhere: the common DMA layer, depots of at most 32 magazines.
  case linux6_1
  /// Linux 6.12 elsewhere, and later ones: depots that shrink with time.
  case linux6_12

  /// The version of the common DMA layer.
  public var flavour: TreeFlavour {
    switch self {
    case .linux6_1s390, .linux6_1: .linux6_1
    case .linux6_12s390, .linux6_12: .linux6_12
    }
  }

  /// Whether it runs on s390.
  public var isS390: Bool { self == .linux6_1s390 || self == .linux6_12s390 }
}
