import IOMMU
import NVMe
import Workloads
import ZPCI

/// Asking a driver for requests, and taking what it reports.
extension RequestBook {
  /// The tag of a command that is none of the book's.
  static var foreignTag: UInt64 { .max }

  /// Submits every request of the round that is wanted; no doorbell.
  ///
  /// Throws: why one was not taken; it and those after it are wanted still.
  func ask(_ driver: CheckDriver) throws(NVMeError) {
    for place in 0..<round.count where round[place].state == .wanted {
      let request = round[place].request
      let byteCount = UInt64(request.blocks) * BlockPattern.blockBytes
      guard let buffer = PhysicalRange(first: buffers[place].first, byteCount: byteCount) else {
        preconditionFailure("a buffer holds the longest request")
      }
      if request.isWrite {
        try driver.submitWrite(
          queue: 0, lba: request.lba, blocks: request.blocks, buffer: buffer,
          tag: UInt64(place))
      } else {
        try driver.submitRead(
          queue: 0, lba: request.lba, blocks: request.blocks, buffer: buffer,
          tag: UInt64(place))
      }
      if round[place].wasLost { tally.repeated += 1 }
      round[place].state = .asked
    }
  }

  /// Takes a driver's report.
  func take(_ completion: NVMeCompletion) {
    if completion.tag == Self.foreignTag { return }
    let place = Int(truncatingIfNeeded: completion.tag)
    guard place >= 0, place < round.count, round[place].state == .asked else {
      tally.strays += 1
      return
    }
    switch completion.outcome {
    case .success:
      round[place].state = .done
      tally.done += 1
      check(place)
    case .failed:
      tally.failures += 1
      lose(place)
    case .withdrawn, .aborted, .functionGone:
      lose(place)
    }
  }

  private func lose(_ place: Int) {
    tally.lost += 1
    round[place].state = .wanted
    round[place].wasLost = true
  }

  /// Looks at the data of a request that was done; a write's has to be what it was, too.
  private func check(_ place: Int) {
    let request = round[place].request
    for block in 0..<UInt64(request.blocks) {
      let lba = request.lba + block
      let isRight = BlockPattern.isRight(
        lba: firstBlock + lba, version: UInt64(versions[Int(lba)]), in: memory,
        at: PhysicalAddress(buffers[place].first.rawValue + block * BlockPattern.blockBytes))
      if !isRight { tally.wrongBlocks += 1 }
    }
  }

  /// Asks for what is wanted, rings once, and takes reports until none of the round is out.
  func settle(_ driver: CheckDriver) throws(Failure) {
    try driving { () throws(NVMeError) in
      try ask(driver)
      try driver.ringDoorbell(queue: 0) { take($0) }
    }
    try takeAll(driver)
  }

  /// Takes reports until none of the round is out.
  func takeAll(_ driver: CheckDriver) throws(Failure) {
    let timer = KernelTimer()
    let start = timer.now()
    while count(.asked) > 0 {
      try driving { () throws(NVMeError) in
        _ = try driver.poll(queue: 0) { take($0) }
      }
      if timer.now().since(start) > Wait.patience { throw .stuck }
    }
  }

  /// Does whole rounds.
  func run(rounds: Int, on driver: CheckDriver) throws(Failure) {
    for _ in 0..<rounds {
      openRound()
      try settle(driver)
    }
  }

  /// Reads back every block that any request was about.
  func readBack(on driver: CheckDriver) throws(Failure) {
    for number in 0..<opened / UInt64(plan.depth) {
      openReadBack(ofRound: number)
      try settle(driver)
    }
  }
}

/// Does what a driver may refuse.
func driving(_ work: () throws(NVMeError) -> Void) throws(Failure) {
  do throws(NVMeError) {
    try work()
  } catch {
    throw .driver(error)
  }
}
