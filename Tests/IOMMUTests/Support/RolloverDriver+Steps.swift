import IOMMU
import TestSupport

extension RolloverDriver {
  /// All steps, and at the end the proof that nothing was lost.
  mutating func run() throws(Failure) {
    while step < setting.steps {
      step += 1
      try oneStep()
      if step % 500 == 0 { try checkCounts() }
      if step % 20_000 == 0 { fill = [100, 60, 95, 30][step / 20_000 % 4] }
    }
    try settle()
    try takeEverything()
  }

  private mutating func oneStep() throws(Failure) {
    now += random.below(50)
    switch random.below(1_000) {
    case 0..<480:
      if livePages * 100 <= setting.pages * fill { try allocate(randomRequest()) }
    case 480..<890:
      giveBack(retiring: true)
    case 890..<960:
      giveBack(retiring: false)
    case 960..<967:
      if oracle.started - oracle.finished < setting.unfinishedMax {
        epochs.append(allocator.beginGlobalInvalidation())
        _ = oracle.beginGlobal()
      }
    case 967..<976:
      endGlobal()
    case 976..<984:
      try beginCleaning()
    case 984..<994:
      endCleaning(at: Int(random.below(UInt64(max(cleanings.count, 1)))))
    default:
      try checkNeighbourhood()
    }
  }

  mutating func randomRequest() -> RolloverOracle.Request {
    var request = RolloverOracle.Request(pages: 1)
    switch random.below(100) {
    case 0..<60: break
    case 60..<85: request.pages = 1 + Int(random.below(16))
    case 85..<98: request.pages = 1 + Int(random.below(256))
    default: request.pages = 1 + Int(random.below(2_000))
    }
    if random.oneIn(8) { request.alignmentLog2 = Int(random.below(10)) }
    if random.oneIn(12) { request.blockLog2 = Int(random.below(12)) }
    if random.oneIn(12) {
      request.lastPage = setting.basePage + Int(random.below(UInt64(setting.pages + 300)))
    }
    return request
  }

  /// Gives back a random range, or the oldest, or the newest.
  mutating func giveBack(retiring: Bool) {
    if held.isEmpty { return }
    let index = random.oneIn(2) ? held.count - 1 : Int(random.below(UInt64(held.count)))
    let pages = held[index]
    held.swapAt(index, held.count - 1)
    held.removeLast()
    livePages -= pages.count
    if retiring {
      allocator.retire(range(pages), at: Instant(nanoseconds: now), on: cpu())
      oracle.retire(pages, at: now)
    } else {
      allocator.free(range(pages), on: cpu())
      oracle.free(pages)
    }
  }

  /// Ends the newest invalidation, or one that others may have overtaken; some just fail.
  mutating func endGlobal() {
    if epochs.isEmpty { return }
    let index = Int(random.below(UInt64(epochs.count)))
    if random.oneIn(5), oracle.started - oracle.finished < setting.unfinishedMax {
      epochs.remove(at: index)
    } else {
      endGlobal(at: index)
    }
  }

  mutating func endGlobal(at index: Int) {
    let epoch = epochs.remove(at: index)
    allocator.endGlobalInvalidation(epoch)
    oracle.endGlobal(epoch.rawValue)
  }

  mutating func beginCleaning() throws(Failure) {
    if cleanings.count == 4 { return }
    var pages = 0..<1
    if random.oneIn(2) {
      let first = Int(random.below(UInt64(setting.pages)))
      pages = first..<min(first + 1 + Int(random.below(700)), setting.pages)
    } else {
      let limit = PageCount(1 + random.below(600))
      let time = now - min(now, random.below(5_000))
      let span = allocator.nextStaleSpan(olderThan: Instant(nanoseconds: time), maxPages: limit)
      guard let span else { return try checkNothingOlder(than: time) }
      pages = self.pages(span)
      try check(pages.count <= Int(limit.rawValue), "span \(pages) beyond \(limit)")
      for end in [pages.lowerBound, pages.upperBound - 1] {
        try check(oracle.isStale(end) && !oracle.isHeld(end), "span \(pages) ends at \(end)")
      }
    }
    let invalidation = allocator.beginRangeInvalidation(range(pages))
    let ticket = UInt64(step)
    let covered = oracle.beginRange(pages, ticket: ticket)
    try check(
      Int(invalidation.pages.rawValue) == covered, "\(invalidation.pages), but \(covered) stale")
    cleanings.append((invalidation, pages))
    tickets.append(ticket)
  }

  private func checkNothingOlder(than time: UInt64) throws(Failure) {
    for page in 0..<setting.pages where oracle.isStale(page) && !oracle.isHeld(page) {
      try check(oracle.time(of: page) > time, "\(page) is stale since \(oracle.time(of: page))")
    }
  }

  mutating func endCleaning(at index: Int) {
    if cleanings.isEmpty { return }
    let (invalidation, pages) = cleanings.remove(at: index)
    let succeeded = !random.oneIn(4)
    allocator.endRangeInvalidation(invalidation, succeeded: succeeded)
    oracle.endRange(pages, ticket: tickets.remove(at: index), succeeded: succeeded)
  }

  func checkCounts() throws(Failure) {
    try check(Int(allocator.livePages) == oracle.liveCount, "live \(allocator.livePages)")
    let oldest = allocator.oldestStale?.nanoseconds
    if setting.unfinishedMax < 4 {
      try check(
        Int(allocator.stalePages) == oracle.staleCount,
        "\(allocator.stalePages) stale, not \(oracle.staleCount)")
      try check(oldest == oracle.oldestStale, "\(oldest ?? 0), not \(oracle.oldestStale ?? 0)")
    } else if let truth = oracle.oldestStale {
      try check((oldest ?? .max) <= truth, "\(oldest ?? 0) is later than \(truth)")
    }
  }

  /// Gives everything back and invalidates everything.
  mutating func settle() throws(Failure) {
    while !cleanings.isEmpty { endCleaning(at: 0) }
    while !held.isEmpty { giveBack(retiring: random.oneIn(2)) }
    let epoch = allocator.beginGlobalInvalidation()
    _ = oracle.beginGlobal()
    allocator.endGlobalInvalidation(epoch)
    oracle.endGlobal(epoch.rawValue)
    try check(allocator.stalePages == 0 && allocator.oldestStale == nil, "stale after a flush")
    try check(allocator.livePages == 0, "live after all was given back")
  }

  /// Takes the aperture page by page, gives it back, and takes it as one range.
  mutating func takeEverything() throws(Failure) {
    for _ in 0..<setting.pages { try allocate(.init(pages: 1)) }
    try check(held.count == setting.pages, "\(held.count) single pages of \(setting.pages)")
    try allocate(.init(pages: 1))
    try settle()
    try allocate(.init(pages: setting.pages))
    try check(held.count == 1, "the aperture cannot be had as one range")
  }
}
