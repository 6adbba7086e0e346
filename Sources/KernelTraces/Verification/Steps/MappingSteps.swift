/// The steps of a kernel whose trace has `iommu:*` or `dma:*` events and no RPCITs.
///
/// What follows from several lines is left to ``RecordedMappings``. A list is one run of addresses
/// there, because Linux's common DMA layer allocates once for it (drivers/iommu/dma-iommu.c,
/// `iommu_dma_map_sg`).
struct MappingSteps {
  private(set) var result = KernelSteps()
  /// By mapping, the step that allocated it.
  private var allocations: [UInt64: Int] = [:]
  /// The allocation that the last unmap ended.
  private var lastEnded: Int?
  private var lastFree: Int?
  private var lastOf: [Int: Int] = [:]

  /// Takes in finished operations.
  mutating func consume(_ work: borrowing RecordedWork) {
    for operation in work.operations {
      switch operation.kind {
      case .map(let map): self.map(map, work.segments(of: map), operation)
      case .unmap(let mapping, .recorded): unmap(mapping, operation)
      case .unmap(let mapping, .implied): allocations[mapping] = nil
      case .invalidate(let invalidation): invalidate(invalidation, operation)
      case .unmapPart, .mark: break
      }
    }
  }

  /// Ends the trace; `summary` is that of the mappings.
  mutating func finish(_ summary: ReconciliationSummary) {
    result.failedMaps = summary.failedMaps
    result.cpus = max(result.cpus, summary.processors)
  }

  private mutating func map(
    _ map: RecordedMap, _ segments: ArraySlice<RecordedSegment>, _ operation: RecordedOperation
  ) {
    let (count, overflow) = (map.last - map.first).addingReportingOverflow(1)
    guard !overflow, let run = PageRun(address: map.first, byteCount: count) else { return }
    result.maps += 1
    var new = step(.allocate, run, operation)
    new.earliest = lastOf[operation.cpu] ?? 0
    if case .address(let address)? = segments.first?.physical { new.buffer = address }
    let number = result.append(new)
    allocations[map.mapping] = number
    lastOf[operation.cpu] = number + 1
  }

  private mutating func unmap(_ mapping: UInt64, _ operation: RecordedOperation) {
    guard let number = allocations.removeValue(forKey: mapping) else { return }
    let run = result.steps[number].run
    if let free = lastFree, let before = lastEnded, result.steps[free].time == operation.time,
      result.steps[free].cpu == operation.cpu, result.steps[free].run.last + 1 == run.first,
      free + 1 == result.steps.count
    {
      // One unmap for both: they are one run, whose lines were too far apart to tell.
      result.maps -= 1
      result.steps[before].pages += run.pages
      result.steps[number].pages = 0
      result.steps[free].pages += run.pages
      return
    }
    result.unmaps += 1
    lastEnded = number
    lastFree = result.append(step(.free, run, operation))
    lastOf[operation.cpu] = result.steps.count
  }

  private mutating func invalidate(
    _ invalidation: RecordedInvalidation, _ operation: RecordedOperation
  ) {
    if invalidation.scope == .global {
      result.globalRefreshes += 1
      _ = result.append(step(.refreshAll, PageRun(first: 0, pages: 1), operation))
      return
    }
    result.rangeRefreshes += 1
    let (count, overflow) = (invalidation.last - invalidation.first).addingReportingOverflow(1)
    guard !overflow, let run = PageRun(address: invalidation.first, byteCount: count) else {
      return
    }
    // The driver rounds up to a power of two that is aligned, so the unmap lies inside.
    if let number = lastFree, result.steps[number].first >= run.first,
      result.steps[number].run.last <= run.last
    {
      result.steps[number].refreshed = result.steps[number].run
      lastFree = nil
    } else {
      _ = result.append(step(.refreshUnexplained, run, operation))
    }
  }

  private func step(
    _ kind: KernelStep.Kind, _ run: PageRun, _ operation: RecordedOperation
  ) -> KernelStep {
    KernelStep(
      kind: kind, time: operation.time, cpu: operation.cpu, task: operation.task, line: 0,
      first: run.first, pages: run.pages, earliest: result.steps.count)
  }
}
