import DequeModule
import IOMMU
import NVMe

extension NVMeDevice {
  /// Completes a command: at once, or when its completion queue has room.
  func complete(queue: Int, identifier: UInt16, status: NVMeStatus, result: UInt32) {
    if !status.isSuccess { totals.errors += 1 }
    guard let submission = submissions[queue] else { return }
    let posting = NVMePosting(
      submissionQueue: queue, submissionHead: submission.head, identifier: identifier,
      status: status.rawValue, result: result)
    completions[submission.completionQueue]?.waiting.append(posting)
    postWaiting(submission.completionQueue)
  }

  /// Writes waiting completions while the queue has room, and sends its message for each.
  func postWaiting(_ index: Int) {
    while isServing, let queue = completions[index], !queue.isFull,
      let posting = completions[index]?.waiting.popFirst()
    {
      if !post(posting, queue, index) {
        status |= NVMeControllerStatus.fatal
        totals.memoryFaults += 1
        return
      }
      if let vector = queue.vector { environment.raiseInterrupt(vector: vector) }
    }
  }

  /// Writes one entry (NVM Express Base Specification 2.2, figures 96 to 98); its phase goes last.
  private func post(_ posting: NVMePosting, _ queue: NVMeCompletionQueue, _ index: Int) -> Bool {
    let address = queue.base &+ UInt64(queue.tail) &* NVMeCompletionEntry.byteCount
    let high =
      UInt64(posting.submissionHead & 0xffff) | UInt64(posting.submissionQueue) << 16
      | UInt64(posting.identifier) << 32 | queue.phase << 48 | UInt64(posting.status) << 49
    do throws(DMAFault) {
      try environment.writeLittle64(UInt64(posting.result), at: IOVA(address))
      try environment.writeLittle64(high, at: IOVA(address &+ 8))
    } catch {
      return false
    }
    let next = (queue.tail + 1) % queue.entries
    completions[index]?.tail = next
    if next == 0 { completions[index]?.phase ^= 1 }
    return true
  }
}
