import IOMMU
import TestSupport

/// A random driver over one of the project's schemes that writes the trace its kernel would have.
///
/// One processor, 100 ticks a second at whole hundredths. It has no part of the verifier: what it
/// knows of Linux's timer wheel is ``NaiveWheel``.
struct SyntheticKernel {
  enum Policy: CaseIterable {
    case lazyBitmap
    case strictBitmap
    case strictTree
    case queueTree
  }

  struct Mapping {
    var number: Int
    var runs: [(first: UInt64, pages: UInt64)]
    var buffer: UInt64
  }

  static let queueEntries = 64
  static let base: UInt64 = 1 << 20

  let policy: Policy
  let pages: UInt64
  let liveMax: Int
  var random: SplitMix64
  var lines = SyntheticLines()
  let memory: SyntheticAllocator
  var time: UInt64 = 3_000_000_000
  var live: [Mapping] = []
  var mapped: UInt64 = 0
  var unmapped: UInt64 = 0
  var count = 0
  /// Buffers that are not mapped, by their pages.
  var buffers: [UInt64: [UInt64]] = [:]
  var bufferNext: UInt64 = 0

  init(_ policy: Policy, pages: UInt64, liveMax: Int = 12, seed: UInt64) {
    self.policy = policy
    self.pages = pages
    self.liveMax = liveMax
    random = SplitMix64(seed: seed)
    memory = SyntheticAllocator(policy, base: Self.base, pages: pages)
  }

  /// The trace of `operations` maps and unmaps.
  static func run(
    _ policy: Policy, operations: Int, seed: UInt64
  ) -> SyntheticKernel {
    // Bitmaps wrap around now and then; trees never run out.
    let pages: UInt64 = policy == .lazyBitmap || policy == .strictBitmap ? 512 : 8_192
    var kernel = SyntheticKernel(policy, pages: pages, seed: seed)
    for _ in 0..<operations { kernel.step() }
    return kernel
  }

  var usesProbes: Bool { policy == .lazyBitmap || policy == .strictBitmap }
  var isStrict: Bool { policy == .strictBitmap || policy == .strictTree }

  mutating func step() {
    time += 5_000 + random.next() % 40 * 1_000
    // Pauses let timers go off while little is mapped.
    if random.next() % 150 == 0 { time += 300_000_000 + random.next() % 1_000 * 1_000_000 }
    fireTimers()
    let isFull = live.count >= liveMax
    if !live.isEmpty && (isFull || random.next() % 2 == 0) {
      unmap(live.remove(at: Int(random.next() % UInt64(live.count))))
    } else if usesProbes && random.next() % 4 == 0 {
      mapList()
    } else {
      map()
    }
  }

  private mutating func fireTimers() {
    while let due = memory.timerDue(notAfter: time) {
      if memory.fire() { writeGlobal(at: due) }
    }
    memory.issuer.time = time
  }

  private mutating func writeGlobal(at time: UInt64) {
    lines.append(.globalRefresh, time, -1, SyntheticLines.refresh(Self.base, pages))
  }

  private mutating func takeBuffer(_ pages: UInt64) -> UInt64 {
    if let free = buffers[pages]?.popLast() { return free }
    defer { bufferNext += pages }
    return bufferNext
  }

  /// An allocation, with the refresh of everything that it made first.
  private mutating func allocate(_ pages: UInt64) -> UInt64? {
    let first = memory.allocate(pages)
    for _ in memory.issuer.takeGlobals() { writeGlobal(at: time) }
    return first
  }

  private mutating func map() {
    let size = [1, 1, 1, 1, 2, 3, 8, 16][Int(random.next() % 8)] as UInt64
    let number = count
    let buffer = takeBuffer(size)
    if usesProbes {
      lines.append(.mapCall, time, number, SyntheticLines.mapCall(buffer, size))
    }
    guard let first = allocate(size) else {
      if usesProbes {
        lines.append(
          .mapReturn, time, number, "mapret: (f <- s390_dma_map_pages) dma=0xffffffffffffffff")
      }
      return
    }
    if !usesProbes {
      // Some mappings are told in two lines.
      let part = random.next() % 3 == 0 ? size / 2 : 0
      if part > 0 {
        lines.append(
          .mapPages, time, number, SyntheticLines.mapPages(first, part, buffer: buffer))
      }
      lines.append(
        .mapPages, time, number,
        SyntheticLines.mapPages(first + part, size - part, buffer: buffer + part))
    }
    time += 2_000
    lines.append(.mapRefresh, time, number, SyntheticLines.refresh(first, size))
    if usesProbes {
      time += 1_000
      lines.append(.mapReturn, time, number, SyntheticLines.mapReturn(first))
    }
    finishMap(Mapping(number: number, runs: [(first, size)], buffer: buffer))
  }

  private mutating func mapList() {
    let number = count
    let sizes = (0...(random.next() % 3)).map { _ in 1 + random.next() % 4 }
    lines.append(
      .mapList, time, number, "mapsg: (s390_dma_map_sg+0x0/0x220) nents=\(sizes.count)")
    var runs: [(first: UInt64, pages: UInt64)] = []
    for size in sizes {
      guard let first = allocate(size) else { continue }
      time += 1_000
      lines.append(.listRefresh, time, number, SyntheticLines.refresh(first, size))
      runs.append((first, size))
    }
    finishMap(Mapping(number: number, runs: runs, buffer: .max))
  }

  private mutating func finishMap(_ mapping: Mapping) {
    count += 1
    mapped += mapping.runs.map(\.pages).reduce(0, +)
    live.append(mapping)
  }

  private mutating func unmap(_ mapping: Mapping) {
    for run in mapping.runs {
      let body =
        usesProbes
        ? SyntheticLines.unmapCall(run.first, run.pages)
        : SyntheticLines.unmapPages(run.first, run.pages)
      lines.append(.unmap, time, mapping.number, body)
      if isStrict {
        time += 1_000
        lines.append(
          .unmapRefresh, time, mapping.number, SyntheticLines.refresh(run.first, run.pages))
      }
      unmapped += run.pages
      memory.retire(run.first, run.pages)
      for _ in memory.issuer.takeGlobals() { writeGlobal(at: time) }
      if mapping.buffer != .max { buffers[run.pages, default: []].append(mapping.buffer) }
      time += 1_000
      memory.issuer.time = time
    }
  }
}
