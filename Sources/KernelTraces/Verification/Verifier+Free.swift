import IOMMU

extension Verifier {
  /// Unmaps on the replica what the kernel unmapped.
  mutating func free(_ step: KernelStep, _ number: Int) {
    // A driver may choose to have an unmap invalidated at once (Linux, `dma_iova_unlink`).
    let isChosen = !refreshesAtUnmap && step.refreshed != nil && !setting.kernel.isS390
    compareRefresh(
      of: step, isExpected: isChosen || refreshesAtUnmap && report.range.recorded > 0)
    report.counters.unmapped &+= step.pages
    if refreshesAtUnmap || isChosen { report.counters.unmapRefreshes += 1 }
    if setting.cpus > 1 { freed[step.first] = (step.time, step.cpu) }
    release(step.run, on: step.cpu, isInvalidated: isChosen)
    let issued = replica.takeGlobals()
    if issued.isEmpty { return }
    report.global.modelled += issued.count
    if fullFlushAt != nil { report.lost.globals += 1 }
    fullFlushAt = step.time
  }

  /// Gives back what the replica has handed out of `run`.
  mutating func release(_ run: PageRun, on cpu: Int, isInvalidated: Bool = false) {
    while let entry = owned.takeFirstOverlap(run.first, run.last) {
      let isBitmap = setting.policy == .legacy || setting.policy == .legacyStrict
      if !isBitmap {
        // Trees know whole runs: one that is unmapped in parts ends with its first part.
        let whole = PageRun(first: entry.first, pages: entry.last - entry.first + 1)
        if isInvalidated { replica.free(whole, on: cpu) } else { replica.retire(whole, on: cpu) }
        continue
      }
      if entry.first < run.first {
        owned.insert(.init(first: entry.first, last: run.first - 1, mapping: entry.mapping))
      }
      if entry.last > run.last {
        owned.insert(.init(first: run.last + 1, last: entry.last, mapping: entry.mapping))
      }
      let first = max(entry.first, run.first)
      let last = min(entry.last, run.last)
      replica.retire(PageRun(first: first, pages: last - first + 1), on: cpu)
    }
  }

  /// Compares the RPCIT of a step with the one that the model issues for it.
  mutating func compareRefresh(of step: KernelStep, isExpected: Bool) {
    guard let recorded = step.refreshed else {
      if isExpected { report.lost.refreshes += 1 }
      if isExpected { report.range.modelled += 1 }
      return
    }
    report.range.modelled += isExpected ? 1 : 0
    if isExpected && recorded == step.run {
      report.range.equal += 1
    } else {
      note(step, "refreshed \(Self.text(recorded)), the model \(Self.text(step.run))")
    }
  }
}
