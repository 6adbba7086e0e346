internal import IOMMU

extension QueuePair {
  /// Takes the memory that this queue pair shares with the controller, where it has none yet.
  ///
  /// On failure nothing is kept. Allocates: three coherent buffers.
  mutating func allocateBuffers<Domain: DMADomain>(
    from domain: Domain, listPages: Int, on cpu: CPUIndex
  ) throws(NVMeError) {
    if submissionBuffer != nil { return }
    do {
      let submission = try domain.allocateCoherent(
        byteCount: Self.wholePages(entries * Int(NVMeCommand.byteCount)), on: cpu)
      submissionMemory = submission.memory.first
      submissionDevice = submission.device.first
      submissionBuffer = consume submission
      let completion = try domain.allocateCoherent(
        byteCount: Self.wholePages(entries * Int(NVMeCompletionEntry.byteCount)), on: cpu)
      completionMemory = completion.memory.first
      completionDevice = completion.device.first
      completionBuffer = consume completion
      if listPages > 0 {
        listStride = UInt64(listPages) * PRPList.pageBytes
        let list = try domain.allocateCoherent(
          byteCount: slots.count * Int(listStride), on: cpu)
        listMemory = list.memory.first
        listDevice = list.device.first
        listBuffer = consume list
      }
    } catch {
      freeBuffers(to: domain, on: cpu)
      throw .map(error)
    }
  }

  /// Gives back the memory that this queue pair shared with the controller, which has stopped.
  mutating func freeBuffers<Domain: DMADomain>(to domain: Domain, on cpu: CPUIndex) {
    if let buffer = submissionBuffer.take() { domain.freeCoherent(buffer, on: cpu) }
    if let buffer = completionBuffer.take() { domain.freeCoherent(buffer, on: cpu) }
    if let buffer = listBuffer.take() { domain.freeCoherent(buffer, on: cpu) }
  }

  private static func wholePages(_ byteCount: Int) -> Int {
    let mask = Int(PRPList.pageBytes) - 1
    return (byteCount + mask) & ~mask
  }
}
