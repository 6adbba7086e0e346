public import IOMMU

extension QueuePair {
  /// The identifier of the command in `slot`.
  @inlinable
  func commandIdentifier(of slot: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: slot) | (slots[slot].generation & 0xf) &<< 12
  }

  /// Takes ``nextSlot`` for `request`.
  @inlinable
  mutating func occupy(_ slot: Int, with request: NVMeRequest) {
    freeCount &-= 1
    slots[slot].request = request
  }

  /// Writes the entry of `slot`'s command at the tail; the controller is not told yet.
  ///
  /// The slot owns the command's mapping from now on.
  @inlinable
  mutating func enqueue<Memory: BufferMemory>(
    _ prepared: consuming PreparedCommand, slot: Int, in memory: Memory
  ) {
    var command = prepared.command
    slots[slot].generation &+= 1
    slots[slot].state = .queued
    slots[slot].mapping = prepared.takeMapping()
    command.identifier = commandIdentifier(of: slot)
    command.store(
      at: PhysicalAddress(
        submissionMemory.rawValue &+ UInt64(truncatingIfNeeded: tail) &* NVMeCommand.byteCount),
      in: memory)
    positions[tail] = UInt16(truncatingIfNeeded: slot)
    tail = after(tail)
    counters.submitted &+= 1
  }

  /// Notes that the controller was told of everything up to the tail.
  @inlinable
  mutating func markRung() {
    while rungTail != tail {
      slots[Int(positions[rungTail])].state = .inFlight
      rungTail = after(rungTail)
    }
    counters.tailDoorbells &+= 1
  }

  /// Takes back everything that the controller was not told of; ``retire(_:outcome:)`` reports it.
  @usableFromInline
  mutating func withdrawQueued() {
    var position = rungTail
    while position != tail {
      slots[Int(positions[position])].state = .withdrawn
      position = after(position)
    }
    tail = rungTail
  }

  /// Ends the command in `slot` and frees the slot.
  @inlinable
  mutating func retire(_ slot: Int, outcome: NVMeOutcome) -> RetiredCommand {
    slots[slot].state = .free
    freeSlots[freeCount] = UInt16(truncatingIfNeeded: slot)
    freeCount &+= 1
    return RetiredCommand(
      tag: slots[slot].request.tag, outcome: outcome, mapping: slots[slot].mapping.take())
  }

  /// Ends one of the commands that ``withdrawQueued()`` took back, or says that there is none left.
  mutating func retireWithdrawn() -> RetiredCommand? {
    for slot in 0..<slots.count where slots[slot].state == .withdrawn {
      counters.withdrawn &+= 1
      return retire(slot, outcome: .withdrawn)
    }
    return nil
  }

  /// Ends any command that is left, or says that there is none.
  mutating func retireAny(outcome: NVMeOutcome) -> RetiredCommand? {
    if freeCount == slots.count { return nil }
    for slot in 0..<slots.count where slots[slot].state != .free {
      return retire(slot, outcome: outcome)
    }
    return nil
  }
}
