/// The unmaps that a trace must have lost, found before anything is replayed.
///
/// A probe that fires while another is being handled is lost. Two things tell that the end of a
/// mapping is missing: its addresses are handed out again, which is certain; or its buffer is
/// mapped again and no later line unmaps the earlier mapping, which a driver that still had the
/// buffer mapped would not do. A mapping that neither tells of is taken to live until the trace
/// ends.
struct LostUnmaps: Sendable {
  /// An unmap to insert before step `before`.
  struct Unmap: Sendable {
    var before: Int
    var run: PageRun
    var cpu: Int
    var evidence: Evidence
  }

  /// How a lost unmap is known.
  enum Evidence: Sendable {
    case addressesReused
    case bufferReused
  }

  /// The lost unmaps in the order of their places.
  private(set) var unmaps: [Unmap] = []
  /// Unmaps in the trace of pages that no map in the trace covers.
  private(set) var unknown = 0
  /// Pages that live when the trace ends.
  private(set) var livePages: UInt64 = 0
  /// Lists without a known buffer that live when the trace ends; one of them may be a lost unmap.
  private(set) var liveUnidentified = 0

  private var live = LiveRanges()
  /// By step: the step that ended the mapping, or -1.
  private var endedBy: [Int32]
  private var lifetimes: [UInt64] = []

  /// Looks for the lost unmaps of `steps`.
  ///
  /// Complexity: O(n log n) in the steps.
  init(_ steps: [KernelStep]) {
    endedBy = Array(repeating: -1, count: steps.count)
    var reused: [(earlier: Int, later: Int, evidence: Evidence)] = []
    for (number, step) in steps.enumerated() where step.pages > 0 {
      switch step.kind {
      case .allocate:
        while let old = live.takeFirstOverlap(step.first, step.run.last) {
          reused.append((Int(old.mapping), number, .addressesReused))
        }
        live.insert(
          LiveRanges.Entry(first: step.first, last: step.run.last, mapping: UInt64(number)))
      case .free: free(step, number, steps)
      case .refreshAll, .refreshUnexplained: break
      }
    }
    findReusedBuffers(steps, among: &reused)
    place(reused, steps)
    countLive(steps)
  }

  private mutating func free(_ step: KernelStep, _ number: Int, _ steps: [KernelStep]) {
    var isKnown = false
    while let old = live.takeFirstOverlap(step.first, step.run.last) {
      isKnown = true
      if old.first < step.first {
        live.insert(.init(first: old.first, last: step.first - 1, mapping: old.mapping))
      }
      if old.last > step.run.last {
        live.insert(.init(first: step.run.last + 1, last: old.last, mapping: old.mapping))
      }
      endedBy[Int(old.mapping)] = Int32(number)
      lifetimes.append(step.time &- steps[Int(old.mapping)].time)
    }
    if !isKnown { unknown += 1 }
  }

  /// Finds mappings without an end whose buffer is mapped again.
  private mutating func findReusedBuffers(
    _ steps: [KernelStep], among reused: inout [(earlier: Int, later: Int, evidence: Evidence)]
  ) {
    var latest: [UInt64: Int] = [:]
    for (number, step) in steps.enumerated() where step.kind == .allocate && step.pages > 0 {
      guard let buffer = step.buffer else { continue }
      if let earlier = latest.updateValue(number, forKey: buffer), endedBy[earlier] < 0,
        steps[earlier].pages == step.pages
      {
        reused.append((earlier, number, .bufferReused))
      }
    }
  }

  /// Gives each lost unmap its place: a usual lifetime after its map, and before what proves it.
  private mutating func place(
    _ reused: [(earlier: Int, later: Int, evidence: Evidence)], _ steps: [KernelStep]
  ) {
    lifetimes.sort()
    let usual = lifetimes.isEmpty ? 0 : lifetimes[lifetimes.count / 2]
    // The latest time up to each step, because some may be earlier than what stands before them.
    var latest: [UInt64] = []
    latest.reserveCapacity(steps.count)
    for step in steps { latest.append(max(step.time, latest.last ?? 0)) }
    var placed: [Int: Unmap] = [:]
    for item in reused {
      let step = steps[item.earlier]
      let (time, isLate) = step.time.addingReportingOverflow(usual)
      let before = Self.firstStep(
        at: isLate ? .max : time, in: (item.earlier + 1)..<item.later, latest)
      let unmap = Unmap(before: before, run: step.run, cpu: step.cpu, evidence: item.evidence)
      if let known = placed[item.earlier], known.before <= before { continue }
      placed[item.earlier] = unmap
    }
    for earlier in placed.keys { endedBy[earlier] = Int32(earlier) }
    unmaps = placed.sorted { ($0.value.before, $0.key) < ($1.value.before, $1.key) }.map(\.value)
  }

  /// The first of `steps` that `time` has been reached at, or their end.
  private static func firstStep(
    at time: UInt64, in steps: Range<Int>, _ latest: [UInt64]
  ) -> Int {
    var low = steps.lowerBound
    var high = steps.upperBound
    while low < high {
      let middle = (low + high) / 2
      if latest[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func countLive(_ steps: [KernelStep]) {
    for (number, step) in steps.enumerated() where step.kind == .allocate && endedBy[number] < 0 {
      livePages &+= step.pages
      if step.buffer == nil { liveUnidentified += 1 }
    }
  }
}
