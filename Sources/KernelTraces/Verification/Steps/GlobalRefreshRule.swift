/// Tells an RPCIT of everything from one of a range.
///
/// The trace does not say which was meant. The kernel's global refresh names the whole aperture
/// (`zpci_refresh_global` in Linux's arch/s390/pci), so it covers every address that is ever mapped
/// in the trace, and is longer than any single mapping.
struct GlobalRefreshRule: Sendable {
  private var lowest = UInt64.max
  private var highest: UInt64 = 0
  private var widest: TraceEvent.Refresh?
  /// The bytes of the longest mapping.
  private var longest: UInt64 = 0

  /// Takes in one event of a first pass.
  mutating func note(_ event: TraceEvent) {
    switch event.kind {
    case .refresh(let refresh):
      if refresh.byteCount > widest?.byteCount ?? 0 { widest = refresh }
    case .mapReturn(let iova) where iova != .max: note(iova, 1)
    case .mapCall(let call): longest = max(longest, call.byteCount)
    case .unmapCall(let iova, let byteCount):
      note(iova, byteCount)
      longest = max(longest, byteCount)
    case .mapPages(let map): note(map.first, map.byteCount)
    case .unmapPages(let unmap):
      note(unmap.first, unmap.byteCount)
      longest = max(longest, unmap.byteCount)
    default: break
    }
  }

  private mutating func note(_ first: UInt64, _ byteCount: UInt64) {
    guard let last = RecordedMappings.last(first, byteCount) else { return }
    lowest = min(lowest, first)
    highest = max(highest, last)
  }

  /// The aperture: the widest refresh of all if it covers everything and is more than a mapping.
  var aperture: PageRun? {
    guard let widest, let run = PageRun(address: widest.address, byteCount: widest.byteCount),
      lowest <= highest, run.address <= lowest, highest / RecordedMappings.pageSize <= run.last,
      run.pages > longest / RecordedMappings.pageSize + 1
    else { return nil }
    return run
  }
}
