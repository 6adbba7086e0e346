/// The steps of the s390 DMA layer of Linux 6.1, from probes on its functions and RPCITs.
///
/// A call to map allocates, writes entries, refreshes, and returns the address. Where the search
/// for addresses wraps around, a refresh of everything comes first. A list is refreshed run by run,
/// and only the refreshes tell where its runs lie and how long they are.
/// Source of the order: Linux 6.1, arch/s390/pci/pci_dma.c, `s390_dma_map_pages`,
/// `s390_dma_map_sg`, `s390_dma_unmap_pages`, `dma_alloc_address`.
struct ProbeSteps: StepReader {
  /// A call to map that has not returned, as far as the trace tells.
  private struct Call {
    /// The pages asked for; `nil` for a list.
    var pages: UInt64?
    var buffer: UInt64?
    /// The number of steps when the call began.
    var earliest: Int
    /// The step that the call became.
    var step: Int?
    /// Whether the step's addresses are still to come, because a refresh of everything came first.
    var isAwaited = false
    /// Whether the call's own line is lost.
    var isInferred = false
  }

  private(set) var result = KernelSteps()
  private var awaited = AwaitedRefreshes()
  /// Whether an unmap has been seen to be refreshed.
  private var refreshesUnmaps = false
  private var calls: [Int: Call] = [:]

  init(aperture: PageRun?) {
    result.aperture = aperture
  }

  mutating func consume(_ event: TraceEvent) {
    switch event.kind {
    case .mapCall(let call): mapCall(call, event)
    case .mapScatterGatherCall: begin(Call(earliest: result.steps.count), event)
    case .mapReturn(let iova): mapReturn(iova, event)
    case .unmapCall(let iova, let byteCount): unmapCall(iova, byteCount, event)
    case .refresh(let refresh): self.refresh(refresh, event)
    default: break
    }
  }

  mutating func finish() {
    for call in calls.values where call.pages != nil && call.step != nil && !call.isInferred {
      result.lostReturns += 1
    }
    calls = [:]
  }

  private mutating func mapCall(_ call: TraceEvent.MapCall, _ event: TraceEvent) {
    let size = RecordedMappings.pageSize
    guard let run = PageRun(address: call.offset % size, byteCount: call.byteCount) else { return }
    result.maps += 1
    // A `struct page` stands for one page; its address and the offset name the buffer.
    let buffer = (call.page >> 6) &* size &+ call.offset
    begin(Call(pages: run.pages, buffer: buffer, earliest: result.steps.count), event)
  }

  private mutating func begin(_ call: Call, _ event: TraceEvent) {
    awaited.drop(event.cpu)
    if let before = calls[event.task], before.pages != nil, !before.isInferred {
      result.lostReturns += 1
    }
    calls[event.task] = call
  }

  private mutating func unmapCall(_ iova: UInt64, _ byteCount: UInt64, _ event: TraceEvent) {
    guard let run = PageRun(address: iova, byteCount: byteCount) else { return }
    result.unmaps += 1
    awaited.await(
      result.append(step(.free, run, event, earliest: result.steps.count)), on: event.cpu)
  }

  private mutating func mapReturn(_ iova: UInt64, _ event: TraceEvent) {
    awaited.drop(event.cpu)
    guard let call = calls[event.task], let pages = call.pages else {
      result.lostCalls += 1
      return
    }
    calls[event.task] = nil
    // Linux include/linux/dma-mapping.h: DMA_MAPPING_ERROR is all ones.
    if iova == .max {
      result.failedMaps += 1
      return
    }
    let first = iova / RecordedMappings.pageSize
    if let number = call.step {
      result.steps[number].first = first
      if call.isAwaited { result.lostRefreshes += 1 }
      return
    }
    result.lostRefreshes += 1
    allocate(PageRun(first: first, pages: pages), call, nil, event)
  }

  private mutating func refresh(_ refresh: TraceEvent.Refresh, _ event: TraceEvent) {
    guard let run = PageRun(address: refresh.address, byteCount: refresh.byteCount) else { return }
    if run == result.aperture { return refreshAll(run, event) }
    result.rangeRefreshes += 1
    if let number = awaitedUnmap(run, event) { return result.refresh(unmap: number, with: run) }
    if let call = calls[event.task], call.isAwaited, let number = call.step {
      result.steps[number].refreshed = run
      result.steps[number].first = run.first
      if call.pages == nil { result.steps[number].pages = run.pages }
      calls[event.task]?.isAwaited = false
      if call.pages == nil { calls[event.task]?.step = nil }
      return
    }
    guard let call = calls[event.task], call.step == nil else { return infer(run, event) }
    let number = allocate(
      PageRun(first: run.first, pages: call.pages ?? run.pages), call, run, event)
    if call.pages != nil { calls[event.task]?.step = number }
  }

  /// The unmap that an RPCIT of `run` is for: of just these pages, or, since it then differs, the
  /// one that shares pages with it, or that stands right before it where each unmap has its own.
  private mutating func awaitedUnmap(_ run: PageRun, _ event: TraceEvent) -> Int? {
    if let number = awaited.take(run, on: event.cpu, among: result.steps) {
      refreshesUnmaps = true
      return number
    }
    // A call tells how many pages it maps, so that its own RPCIT can be told from an unmap's.
    if let call = calls[event.task], call.step == nil || call.isAwaited, call.pages == run.pages {
      return nil
    }
    return awaited.takeOther(
      run, on: event.cpu, among: result.steps, orLatest: refreshesUnmaps)
  }

  /// An RPCIT that is neither an unmap's nor a call's as the trace has them: the call is missing,
  /// and what was refreshed is what was mapped.
  private mutating func infer(_ run: PageRun, _ event: TraceEvent) {
    // Several may belong to one list.
    if calls[event.task]?.isInferred != true { result.lostCalls += 1 }
    var call = Call(pages: run.pages, earliest: result.steps.count, isInferred: true)
    call.step = allocate(run, call, run, event)
    calls[event.task] = call
  }

  /// A call whose search wrapped around: it allocates right after this refresh, with the lock held.
  private mutating func refreshAll(_ run: PageRun, _ event: TraceEvent) {
    result.globalRefreshes += 1
    awaited = AwaitedRefreshes()
    _ = result.append(step(.refreshAll, run, event, earliest: result.steps.count))
    guard var call = calls[event.task], call.step == nil else { return }
    call.earliest = result.steps.count
    call.step = allocate(PageRun(first: 0, pages: call.pages ?? 0), call, nil, event)
    call.isAwaited = true
    calls[event.task] = call
  }

  @discardableResult
  private mutating func allocate(
    _ run: PageRun, _ call: Call, _ refreshed: PageRun?, _ event: TraceEvent
  ) -> Int {
    var new = step(.allocate, run, event, earliest: call.earliest)
    new.refreshed = refreshed
    new.buffer = call.buffer
    new.isInferred = call.isInferred
    return result.append(new)
  }

  private func step(
    _ kind: KernelStep.Kind, _ run: PageRun, _ event: TraceEvent, earliest: Int
  ) -> KernelStep {
    KernelStep(
      kind: kind, time: event.time, cpu: event.cpu, task: event.task, line: event.line,
      first: run.first, pages: run.pages, earliest: earliest)
  }
}
