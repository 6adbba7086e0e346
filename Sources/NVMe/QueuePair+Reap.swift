public import IOMMU

extension QueuePair {
  /// Takes the next entry from the completion queue, and ends the command that it names.
  ///
  /// Nothing that the controller writes is trusted: an identifier that names no command in flight
  /// on this queue is passed over and counted.
  /// Complexity: constant. Allocates: never.
  @inlinable
  mutating func reapNext<Memory: BufferMemory>(in memory: Memory) -> Reaped {
    let position = UInt64(truncatingIfNeeded: head) &* NVMeCompletionEntry.byteCount
    guard
      let entry = NVMeCompletionEntry(
        at: PhysicalAddress(completionMemory.rawValue &+ position), phase: phase, in: memory)
    else { return .nothing }
    head = after(head)
    if head == 0 { phase ^= 1 }

    let slot = Int(entry.identifier & 0xfff)
    guard slot < slots.count, slots[slot].state == .inFlight,
      commandIdentifier(of: slot) == entry.identifier, entry.submissionQueue == identifier
    else {
      counters.badCompletions &+= 1
      return .bad(identifier: entry.identifier)
    }
    counters.completed &+= 1
    let outcome: NVMeOutcome = entry.status.isSuccess ? .success : .failed(entry.status)
    return .command(retire(slot, outcome: outcome), result: entry.result)
  }

  /// Whether the entry is there that is `count` behind the head, the next one for 1.
  @inlinable
  func hasCompleted<Memory: BufferMemory>(_ count: Int, in memory: Memory) -> Bool {
    precondition(count >= 1 && count < entries, "a number of completions that fits the queue")
    var position = head &+ count &- 1
    var expected = phase
    if position >= entries {
      position &-= entries
      expected ^= 1
    }
    let offset = UInt64(truncatingIfNeeded: position) &* NVMeCompletionEntry.byteCount
    let address = PhysicalAddress(completionMemory.rawValue &+ offset)
    return NVMeCompletionEntry(at: address, phase: expected, in: memory) != nil
  }

  /// Makes a command that was in flight when the controller stopped wait for its resubmission.
  ///
  /// Returns its mapping, or `nil` where no command is left that was in flight.
  mutating func suspendNext() -> SlotMapping? {
    for slot in 0..<slots.count {
      switch slots[slot].state {
      case .free, .pending: continue
      case .queued, .inFlight, .withdrawn:
        slots[slot].state = .pending
        return slots[slot].mapping.take()
      }
    }
    return nil
  }

  /// A command that waits for its resubmission.
  func pendingSlot() -> Int? {
    for slot in 0..<slots.count where slots[slot].state == .pending { return slot }
    return nil
  }

  /// The command in flight whose deadline passed first, if any has.
  @usableFromInline
  func firstExpired(now: Instant) -> (tag: UInt64, deadline: Instant)? {
    if freeCount == slots.count { return nil }
    var first: (tag: UInt64, deadline: Instant)?
    for slot in 0..<slots.count where slots[slot].state == .inFlight {
      let request = slots[slot].request
      if request.deadline <= now && request.deadline < first?.deadline ?? Instant(nanoseconds: .max)
      {
        first = (request.tag, request.deadline)
      }
    }
    return first
  }
}
