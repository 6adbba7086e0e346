import IOMMU

/// Replays the steps of a kernel on its replica and compares the two, step by step.
///
/// After a difference the recorded value is the truth: the replica is made to agree and goes on, so
/// that one lost event counts once.
struct Verifier {
  let steps: [KernelStep]
  let setting: VerificationSetting
  let lost: LostUnmaps
  let replica: any KernelReplica
  var report: VerificationReport

  /// Runs that are handed out as the trace has it, by page; `mapping` is the step.
  var owned = LiveRanges()
  /// By first page, when and where a run was unmapped last.
  var freed: [UInt64: (time: UInt64, cpu: Int)] = [:]
  /// Steps that were done before their turn.
  var done: Set<Int> = []
  var wheels: WheelFit
  /// Whether a refresh of everything was recorded that the next allocation has to explain.
  var recordedWrap: Int?
  /// When the replica flushed because a queue was full, until the trace shows it.
  var fullFlushAt: UInt64?
  var isFirstAllocation = true

  init(_ steps: KernelSteps, _ setting: VerificationSetting) {
    self.steps = steps.steps
    self.setting = setting
    lost = LostUnmaps(steps.steps)
    replica = setting.replica()
    wheels = WheelFit(timeout: setting.queueTimeout ?? 1, hertz: setting.hertz)
    report = VerificationReport(kernel: setting.kernel, policy: setting.policy)
    report.cpus = setting.cpus
    report.aperture = setting.aperture
    report.isApertureKnown = setting.isApertureKnown
    report.knowsStart = setting.knowsStart
    report.maps = steps.maps
    report.unmaps = steps.unmaps
    report.range.recorded = steps.rangeRefreshes
    report.global.recorded = steps.globalRefreshes
    report.lost.calls = steps.lostCalls
    report.lost.returns = steps.lostReturns
    report.lost.maps = lost.unknown
  }

  /// Does all steps.
  mutating func run() -> VerificationReport {
    var next = 0
    for number in steps.indices {
      while next < lost.unmaps.count && lost.unmaps[next].before <= number {
        unmapLost(lost.unmaps[next])
        next += 1
      }
      let step = steps[number]
      if step.pages == 0 || done.remove(number) != nil { continue }
      fireMissedTimer(before: step)
      replica.advance(to: step.time)
      switch step.kind {
      case .allocate: allocate(step, number)
      case .free: free(step, number)
      case .refreshAll: refreshAll(step, number)
      case .refreshUnexplained:
        report.lost.unexplained += 1
        note(step, "a refresh of \(Self.text(step.run)) that no map or unmap in the trace explains")
      }
    }
    while next < lost.unmaps.count {
      unmapLost(lost.unmaps[next])
      next += 1
    }
    finish()
    return report
  }

  private mutating func unmapLost(_ unmap: LostUnmaps.Unmap) {
    switch unmap.evidence {
    case .addressesReused: report.lost.unmapsByAddress += 1
    case .bufferReused: report.lost.unmapsByBuffer += 1
    }
    report.counters.unmapped &+= unmap.run.pages
    if refreshesAtUnmap { report.counters.unmapRefreshes += 1 }
    release(unmap.run, on: unmap.cpu)
  }

  private mutating func finish() {
    if fullFlushAt != nil { report.lost.globals += 1 }
    report.counters.globalRefreshes = UInt64(report.global.recorded + report.lost.globals)
    if wheels.compared > 0 {
      report.global.hertz = wheels.hertz
      report.global.worstOffset = max(report.global.worstOffset, wheels.worstOffset)
    }
  }

  /// Whether the kernel invalidates at each unmap.
  var refreshesAtUnmap: Bool {
    switch setting.policy {
    case .strict, .legacyStrict: true
    default: false
    }
  }

  /// Whether the trace shows the invalidations, and so those at maps.
  var refreshesAtMap: Bool { setting.kernel.isS390 }

  /// Keeps one of the first differences.
  mutating func note(_ step: KernelStep, _ text: @autoclosure () -> String) {
    if report.differences.count >= VerificationReport.differencesMax { return }
    report.differences.append(
      VerificationReport.Difference(line: step.line, time: step.time, text: text()))
  }

  /// A run for people: its address and its number of pages.
  static func text(_ run: PageRun) -> String {
    "0x\(String(run.address, radix: 16)) (\(run.pages) page\(run.pages == 1 ? "" : "s"))"
  }
}
