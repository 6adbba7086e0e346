/// One step of a kernel's DMA layer, as a trace tells it, in pages of 4 KiB.
///
/// Holding one proves that its pages lie within the 64-bit space; it does not prove that the kernel
/// did nothing in between, because probes lose events.
public struct KernelStep: Sendable, BitwiseCopyable {
  /// What was done.
  public enum Kind: Sendable, BitwiseCopyable {
    /// Addresses were handed out.
    case allocate
    /// Addresses were unmapped; with a deferring policy they are free later.
    case free
    /// Everything was refreshed, for the reason that the verifier has to find.
    case refreshAll
    /// A range was refreshed and no map or unmap in the trace tells why.
    case refreshUnexplained
  }

  /// What was done.
  public var kind: Kind
  /// When, in nanoseconds of the trace's clock.
  public var time: UInt64
  /// On which processor.
  public var cpu: Int
  /// In which thread, or interrupting which.
  public var task: Int
  /// The line of the trace.
  public var line: Int
  /// The number of the first page, counted from address zero.
  public var first: UInt64
  /// The number of pages.
  public var pages: UInt64
  /// The pages that the RPCIT which followed named; `nil` where none is in the trace.
  public var refreshed: PageRun?
  /// The buffer's place in memory, to recognise it when it comes again; `nil` where not told.
  public var buffer: UInt64?
  /// The number of the earliest step that this one may have come before.
  ///
  /// A call to map tells its address only when it is done, and other processors go on meanwhile.
  public var earliest: Int
  /// Whether no line says that addresses were handed out; an invalidation alone told it.
  public var isInferred = false

  /// The pages as a run.
  public var run: PageRun { PageRun(first: first, pages: pages) }
}

/// A run of pages of 4 KiB.
public struct PageRun: Equatable, Sendable, BitwiseCopyable {
  /// The number of the first page, counted from address zero.
  public var first: UInt64
  /// The number of pages.
  public var pages: UInt64

  /// `pages` pages from number `first` on.
  public init(first: UInt64, pages: UInt64) {
    self.first = first
    self.pages = pages
  }

  /// The pages that hold `byteCount` bytes from `address`, or `nil` for none or past the top.
  init?(address: UInt64, byteCount: UInt64) {
    guard let last = RecordedMappings.last(address, byteCount) else { return nil }
    first = address / RecordedMappings.pageSize
    pages = last / RecordedMappings.pageSize - first + 1
  }

  /// The last page.
  public var last: UInt64 { first + (pages - 1) }

  /// The lowest byte.
  public var address: UInt64 { first * RecordedMappings.pageSize }
}

/// The steps of one kernel, and what its trace did not tell.
struct KernelSteps: Sendable {
  /// The steps in the order of the trace.
  var steps: [KernelStep] = []
  /// Lines of `map`, or calls to map.
  var maps = 0
  /// Lines of `unmap`, or calls to unmap.
  var unmaps = 0
  /// RPCITs of a range, or Intel's invalidations of one.
  var rangeRefreshes = 0
  /// RPCITs of everything, or Intel's of a whole domain.
  var globalRefreshes = 0
  /// Calls that the kernel refused.
  var failedMaps = 0
  /// Mappings whose call is missing, told by their refresh or return.
  var lostCalls = 0
  /// Mappings whose return is missing.
  var lostReturns = 0
  /// Mappings and, where each unmap has one, unmaps whose refresh is missing.
  var lostRefreshes = 0
  /// The processors that wrote events.
  var cpus = 1
  /// The aperture, where a refresh of everything names it.
  var aperture: PageRun?

  /// Appends a step and answers its number.
  mutating func append(_ step: KernelStep) -> Int {
    cpus = max(cpus, step.cpu + 1)
    steps.append(step)
    return steps.count - 1
  }
}
