import NVMe

extension NVMeDevice {
  /// Create I/O Completion Queue (NVM Express Base Specification 2.2, figures 474 to 477).
  func createCompletionQueue(_ command: NVMeFetched) -> NVMeStatus {
    let identifier = Int(command.dword10 & 0xffff)
    if identifier == 0 || identifier >= completions.count || completions[identifier] != nil {
      return .invalidQueueIdentifier
    }
    if let status = checkQueue(command) { return status }
    let hasInterrupts = command.dword11 & 2 != 0
    let vector = Int(command.dword11 >> 16)
    if hasInterrupts && vector >= identity.vectors { return .invalidInterruptVector }
    completions[identifier] = NVMeCompletionQueue(
      base: command.prp1, entries: command.dword10 >> 16 + 1,
      vector: hasInterrupts ? vector : nil)
    return .success
  }

  /// Create I/O Submission Queue (figures 478 to 482).
  func createSubmissionQueue(_ command: NVMeFetched) -> NVMeStatus {
    let identifier = Int(command.dword10 & 0xffff)
    if identifier == 0 || identifier >= submissions.count || submissions[identifier] != nil {
      return .invalidQueueIdentifier
    }
    let completion = Int(command.dword11 >> 16)
    if completion == 0 || completion >= completions.count || completions[completion] == nil {
      return .invalidCompletionQueue
    }
    if let status = checkQueue(command) { return status }
    submissions[identifier] = NVMeSubmissionQueue(
      base: command.prp1, entries: command.dword10 >> 16 + 1, completionQueue: completion)
    return .success
  }

  /// What both kinds of queue need: a size that there is, contiguous memory, a page's address.
  private func checkQueue(_ command: NVMeFetched) -> NVMeStatus? {
    let size = Int(command.dword10 >> 16) + 1
    if size < 2 || size > geometry.entries { return .invalidQueueSize }
    if command.dword11 & 1 == 0 { return .invalidField }
    if command.prp1 & 0xfff != 0 { return .invalidPRPOffset }
    return nil
  }

  /// Delete I/O Completion Queue (figures 483 and 484).
  func deleteCompletionQueue(_ command: NVMeFetched) -> NVMeStatus {
    let identifier = Int(command.dword10 & 0xffff)
    if identifier == 0 || identifier >= completions.count || completions[identifier] == nil {
      return .invalidQueueIdentifier
    }
    for queue in submissions where queue?.completionQueue == identifier {
      return .invalidQueueDeletion
    }
    completions[identifier] = nil
    return .success
  }

  /// Delete I/O Submission Queue (figures 485 and 486): what it had in flight is aborted first.
  func deleteSubmissionQueue(_ command: NVMeFetched) -> NVMeStatus {
    let identifier = Int(command.dword10 & 0xffff)
    if identifier == 0 || identifier >= submissions.count || submissions[identifier] == nil {
      return .invalidQueueIdentifier
    }
    for index in works.indices where works[index].queue == identifier {
      switch works[index].stage {
      case .free: continue
      case .waiting: waitingWorks.removeAll { $0 == index }
      case .medium: busyChannels -= 1
      case .transfer: break
      }
      if let event = works[index].event { environment.cancel(event) }
      let aborted = works[index].identifier
      release(index)
      complete(queue: identifier, identifier: aborted, status: .abortedByDeletion, result: 0)
    }
    submissions[identifier] = nil
    return .success
  }
}
