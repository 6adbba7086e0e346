import IOMMU
import NVMe

extension NVMeDevice {
  /// Sees to it that a fetch is due, if there is anything to fetch.
  func scheduleFetch() {
    if fetchEvent != nil || !isServing { return }
    for queue in submissions where queue.map({ $0.head != $0.tail }) ?? false {
      fetchEvent = environment.schedule(
        after: Nanoseconds(service.fetchNanoseconds), token: Token.fetch)
      return
    }
  }

  /// Fetches one command, from the next queue round robin that has any.
  func fetchNext() {
    guard isServing else { return }
    for step in 0..<submissions.count {
      let index = (nextQueue + step) % submissions.count
      guard let queue = submissions[index], queue.head != queue.tail else { continue }
      nextQueue = (index + 1) % submissions.count
      let address = queue.base &+ UInt64(queue.head) &* NVMeCommand.byteCount
      submissions[index]?.head = (queue.head + 1) % queue.entries
      guard let command = fetch(address) else {
        status |= NVMeControllerStatus.fatal
        return
      }
      totals.fetched += 1
      if index == 0 { execute(admin: command) } else { begin(command, queue: index) }
      scheduleFetch()
      return
    }
  }

  /// Reads the command at `address`, or answers `nil` where the access is refused.
  private func fetch(_ address: UInt64) -> NVMeFetched? {
    do throws(DMAFault) {
      try receive(
        from: NVMePiece(address: address, byteCount: Int(NVMeCommand.byteCount)), to: 0)
    } catch {
      totals.memoryFaults += 1
      return nil
    }
    var command = NVMeFetched(words: InlineArray(repeating: 0))
    for index in 0..<8 { command.words[index] = UInt64(littleEndian: scratch[index]) }
    return command
  }

  /// Writes the first bytes of ``scratch`` to `pieces`, in order.
  func send(to pieces: borrowing [NVMePiece]) throws(DMAFault) {
    var offset = 0
    for index in 0..<pieces.count {
      try send(to: pieces[index], from: offset)
      offset += pieces[index].byteCount
    }
  }

  /// Reads `pieces` into the first bytes of ``scratch``, in order.
  func receive(from pieces: borrowing [NVMePiece]) throws(DMAFault) {
    var offset = 0
    for index in 0..<pieces.count {
      try receive(from: pieces[index], to: offset)
      offset += pieces[index].byteCount
    }
  }

  /// Lists the pieces of memory that a transfer of `byteCount` bytes goes to or comes from.
  ///
  /// NVM Express Base Specification 2.2, figures 109 to 112. Answers the status to end the command
  /// with, or `nil` where all is well.
  func walk(
    _ prp1: UInt64, _ prp2: UInt64, byteCount: Int, into pieces: inout [NVMePiece]
  ) -> NVMeStatus? {
    pieces.removeAll(keepingCapacity: true)
    if prp1 & 3 != 0 { return .invalidPRPOffset }
    let first = min(byteCount, 4_096 - Int(prp1 & 0xfff))
    pieces.append(NVMePiece(address: prp1, byteCount: first))
    var left = byteCount - first
    if left == 0 { return nil }
    if left <= 4_096 {
      if prp2 & 0xfff != 0 { return .invalidPRPOffset }
      pieces.append(NVMePiece(address: prp2, byteCount: left))
      return nil
    }
    if prp2 & 7 != 0 { return .invalidPRPOffset }
    var list = prp2
    while left > 0 {
      let entry: UInt64
      do throws(DMAFault) {
        entry = try environment.readLittle64(at: IOVA(list))
      } catch {
        totals.memoryFaults += 1
        return .dataTransferError
      }
      if entry & 0xfff != 0 { return .invalidPRPOffset }
      // The last entry of a page leads to the next page of the list, if more than one is missing.
      if list & 0xfff == 0xff8 && left > 4_096 {
        list = entry
        continue
      }
      pieces.append(NVMePiece(address: entry, byteCount: min(left, 4_096)))
      left -= min(left, 4_096)
      list &+= 8
    }
    return nil
  }
}
