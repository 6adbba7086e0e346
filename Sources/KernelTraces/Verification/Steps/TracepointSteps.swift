/// The steps of Linux's common DMA layer on s390: `iommu:map` and `iommu:unmap` with RPCITs.
///
/// A mapping is one or several `map` lines that follow each other in addresses, then the RPCIT that
/// announces it. Its addresses were handed out before the first line, which is where the step
/// stands. Source of the order: Linux 6.12, drivers/iommu/dma-iommu.c, `__iommu_dma_map` and
/// `iommu_dma_map_sg`; `iommu_map` traces before `iotlb_sync_map`.
struct TracepointSteps: StepReader {
  private(set) var result = KernelSteps()
  private var awaited = AwaitedRefreshes()
  /// By thread, the mapping whose RPCIT has not come.
  private var open: [Int: Int] = [:]
  /// By thread, the number of steps behind its last mapping.
  private var lastOf: [Int: Int] = [:]

  init(aperture: PageRun?) {
    result.aperture = aperture
  }

  mutating func consume(_ event: TraceEvent) {
    switch event.kind {
    case .mapPages(let map): mapLine(map, event)
    case .unmapPages(let unmap): unmapLine(unmap, event)
    case .refresh(let refresh): self.refresh(refresh, event)
    default: return
    }
  }

  mutating func finish() {
    result.lostRefreshes += open.count
    open = [:]
  }

  private mutating func mapLine(_ map: TraceEvent.MapPages, _ event: TraceEvent) {
    guard let run = PageRun(address: map.first, byteCount: map.byteCount) else { return }
    result.maps += 1
    awaited.drop(event.cpu)
    if let number = open[event.task] {
      if result.steps[number].run.last + 1 == run.first {
        result.steps[number].pages += run.pages
        return
      }
      result.lostRefreshes += 1
    }
    // The thread took its addresses after its mapping before this one, and not long ago.
    let earliest = max(lastOf[event.task] ?? 0, firstStep(since: event.time))
    let number = result.append(
      step(.allocate, run, event, buffer: map.physical, earliest: earliest))
    open[event.task] = number
    lastOf[event.task] = number + 1
  }

  /// How long before its line a thread can have taken its addresses, in nanoseconds.
  ///
  /// An emulated processor can stand still for that long.
  private static var lag: UInt64 { 20_000_000 }

  private func firstStep(since time: UInt64) -> Int {
    let start = time > Self.lag ? time - Self.lag : 0
    var number = result.steps.count
    while number > 0, number > result.steps.count - 64, result.steps[number - 1].time >= start {
      number -= 1
    }
    return number
  }

  private mutating func unmapLine(_ unmap: TraceEvent.UnmapPages, _ event: TraceEvent) {
    guard let run = PageRun(address: unmap.first, byteCount: unmap.byteCount) else { return }
    result.unmaps += 1
    let number = result.append(step(.free, run, event))
    awaited.await(number, on: event.cpu)
  }

  private mutating func refresh(_ refresh: TraceEvent.Refresh, _ event: TraceEvent) {
    guard let run = PageRun(address: refresh.address, byteCount: refresh.byteCount) else { return }
    if run == result.aperture {
      result.globalRefreshes += 1
      _ = result.append(step(.refreshAll, run, event))
      return
    }
    result.rangeRefreshes += 1
    if let number = awaited.take(run, on: event.cpu, among: result.steps) {
      result.refresh(unmap: number, with: run)
    } else if let number = open.removeValue(forKey: event.task) {
      result.steps[number].refreshed = run
    } else {
      _ = result.append(step(.refreshUnexplained, run, event))
    }
  }

  private func step(
    _ kind: KernelStep.Kind, _ run: PageRun, _ event: TraceEvent, buffer: UInt64? = nil,
    earliest: Int? = nil
  ) -> KernelStep {
    KernelStep(
      kind: kind, time: event.time, cpu: event.cpu, task: event.task, line: event.line,
      first: run.first, pages: run.pages, buffer: buffer,
      earliest: earliest ?? result.steps.count)
  }
}
