import IOMMU

/// What a verification assumes of the kernel, from its trace or from the caller.
struct VerificationSetting {
  var kernel: KernelModel
  var policy: InvalidationPolicy
  var aperture: PageRun
  var isApertureKnown: Bool
  /// Whether the first step in the trace is the first of the domain.
  var knowsStart: Bool
  var hertz: UInt64?
  var cpus: Int

  /// The most processors with caches of their own; further ones share them.
  private static let cpusMax = 1_024

  /// The most pages of a bitmap, which has memory for each: 1 TiB.
  private static let bitmapPagesMax: UInt64 = 1 << 28

  /// Recognises the kernel and its policy.
  init(
    _ steps: KernelSteps, _ statistics: TraceStatistics, hasProbes: Bool, hasRefreshes: Bool,
    _ overrides: RecordedKernel.Overrides
  ) {
    let kernel =
      overrides.kernel
      ?? Self.kernel(statistics.events, hasProbes: hasProbes, hasRefreshes: hasRefreshes)
    self.kernel = kernel
    policy = overrides.policy ?? Self.policy(steps, kernel)
    hertz = overrides.hertz
    cpus = min(steps.cpus, Self.cpusMax)
    let told = overrides.aperture.map { PageRun($0) } ?? steps.aperture
    aperture = told ?? Self.aperture(steps, kernel)
    isApertureKnown = told != nil
    knowsStart = Self.knowsStart(steps, kernel, aperture)
  }

  private static func kernel(
    _ events: TraceEventCounts, hasProbes: Bool, hasRefreshes: Bool
  ) -> KernelModel {
    if hasProbes { return .linux6_1s390 }
    if hasRefreshes { return .linux6_12s390 }
    // dma:* came with 6.12, Intel's cache_tag_* with 6.10.
    let isNew =
      events.dmaMaps + events.dmaUnmaps + events.dmaMapScatterGathers + events.intelFlushes > 0
    return isNew ? .linux6_12 : .linux6_1
  }

  /// Strict where unmaps are followed by their invalidation, or, where the trace has none, where
  /// addresses come back sooner than any queue could be flushed.
  private static func policy(_ steps: KernelSteps, _ kernel: KernelModel) -> InvalidationPolicy {
    var invalidated = 0
    for step in steps.steps where step.kind == .free && step.refreshed != nil { invalidated += 1 }
    let isStrict: Bool
    if steps.rangeRefreshes + steps.globalRefreshes > 0 {
      isStrict = invalidated * 2 > steps.unmaps
    } else {
      isStrict = quickReuses(steps) * 10 > steps.unmaps
    }
    switch kernel {
    case .linux6_1s390: return isStrict ? .legacyStrict : .legacy
    case .linux6_12s390:
      // IOVA_SINGLE_FQ_SIZE and IOVA_SINGLE_FQ_TIMEOUT of drivers/iommu/dma-iommu.c.
      return isStrict ? .strict : .singleQueue(entries: 32_768, timeout: .milliseconds(1_000))
    case .linux6_1, .linux6_12:
      return isStrict ? .strict : .queue(entries: 256, timeout: .milliseconds(10))
    }
  }

  /// Allocations of a run that was unmapped less than a millisecond before.
  private static func quickReuses(_ steps: KernelSteps) -> Int {
    var freed: [UInt64: UInt64] = [:]
    var count = 0
    for step in steps.steps {
      switch step.kind {
      case .free: freed[step.first] = step.time
      case .allocate:
        if let time = freed.removeValue(forKey: step.first), step.time &- time < 1_000_000 {
          count += 1
        }
      case .refreshAll, .refreshUnexplained: break
      }
    }
    return count
  }

  /// The aperture as far as the addresses tell: whole MiB, because it is as large as memory.
  private static func aperture(_ steps: KernelSteps, _ kernel: KernelModel) -> PageRun {
    var lowest = UInt64.max
    var highest: UInt64 = 0
    for step in steps.steps
    where step.kind == .allocate && step.pages > 0 && !step.isInferred {
      lowest = min(lowest, step.first)
      highest = max(highest, step.run.last)
    }
    if lowest > highest { return PageRun(first: 1 << 20, pages: 256) }
    if !kernel.isS390 {
      // Below 4 GiB first; the page of address zero is never handed out.
      return PageRun(first: 1, pages: max(highest, (1 << 20) - 1))
    }
    // Linux's search in a bitmap never hands out the last page (lib/iommu-helper.c).
    let unused: UInt64 = kernel == .linux6_1s390 ? 2 : 1
    let end = (highest + unused + 255) / 256 * 256
    // Hypervisors start the aperture at 4 GiB; a tree hands out the top first and never told.
    let base: UInt64 = kernel == .linux6_12s390 && lowest >= 1 << 20 ? 1 << 20 : lowest / 256 * 256
    return PageRun(first: base, pages: end - base)
  }

  /// Whether the first allocation is where an empty allocator puts it.
  private static func knowsStart(
    _ steps: KernelSteps, _ kernel: KernelModel, _ aperture: PageRun
  ) -> Bool {
    guard kernel.isS390,
      let first = steps.steps.first(where: { $0.kind == .allocate && $0.pages > 0 })
    else {
      return false
    }
    if kernel == .linux6_1s390 { return first.first == aperture.first }
    return first.run.last <= aperture.last
      && aperture.last - first.run.last < first.pages.roundedUpToPowerOfTwo
  }

  /// The model of the kernel.
  func replica() -> any KernelReplica {
    let range = aperture.range ?? IOVARange(byte: IOVA(1 << 32))
    switch policy {
    case .legacy: return BitmapReplica(aperture: bounded(range), mode: .lazy)
    case .legacyStrict: return BitmapReplica(aperture: bounded(range), mode: .strict)
    case .queue(let entries, let timeout): return queue(range, cpus, entries, timeout)
    case .singleQueue(let entries, let timeout): return queue(range, 1, entries, timeout)
    case .identity, .strict, .rollover:
      return TreeReplica(
        .strict(StrictScheme(allocator: tree(range))), knowsStart: knowsStart)
    }
  }

  private func bounded(_ range: IOVARange) -> IOVARange {
    var run = PageRun(range)
    run.pages = min(run.pages, Self.bitmapPagesMax)
    return run.range ?? range
  }

  private func queue(
    _ range: IOVARange, _ rings: Int, _ entries: Int, _ timeout: Nanoseconds
  ) -> any KernelReplica {
    let scheme = QueueScheme(
      allocator: tree(range), rings: rings, entries: entries, timeout: timeout)
    return TreeReplica(.queue(scheme), knowsStart: knowsStart)
  }

  private func tree(_ range: IOVARange) -> TreeAllocator {
    // s390 switches the preference for 32-bit addresses off: its aperture lies above 4 GiB.
    TreeAllocator(
      aperture: range, granule: .fourKiB, flavour: kernel.flavour, cpus: cpus,
      forceDAC: kernel.isS390, capacity: Int(clamping: min(aperture.pages, 1 << 19)) + 64)
  }

  /// The time-out of the policy's queue.
  var queueTimeout: UInt64? {
    switch policy {
    case .queue(_, let timeout), .singleQueue(_, let timeout): timeout.rawValue
    default: nil
    }
  }
}

extension UInt64 {
  /// The smallest power of two that is not below the number; 1 for 0.
  var roundedUpToPowerOfTwo: UInt64 {
    self <= 1 ? 1 : 1 << UInt64(64 - (self - 1).leadingZeroBitCount)
  }
}
