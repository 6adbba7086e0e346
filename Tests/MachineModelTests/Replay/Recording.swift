import IOMMU
@testable import MachineModel

/// A recording that a test writes step by step, in microseconds and pages of 4 KiB.
struct Recording {
  private var recorder = ReplayRecorder()

  /// Maps runs of pages: where in memory each begins, or `nil` for an unknown place, and how many.
  mutating func map(
    _ mapping: UInt64, at microseconds: UInt64, cpu: Int = 0,
    _ direction: ReplayDirection = .fromDevice, runs: [(UInt64?, UInt64)]
  ) {
    recorder.map(
      mapping, at: microseconds * 1_000, cpu: cpu, direction,
      runs.map { run in
        ReplayRecorder.Bytes(
          physical: run.0.map { $0 * 4_096 }, pageOffset: 0,
          byteCountMinusOne: run.1 * 4_096 - 1)
      })
  }

  /// Maps one page.
  mutating func map(
    _ mapping: UInt64, at microseconds: UInt64, cpu: Int = 0,
    _ direction: ReplayDirection = .fromDevice, page: UInt64
  ) {
    map(mapping, at: microseconds, cpu: cpu, direction, runs: [(page, 1)])
  }

  mutating func unmap(_ mapping: UInt64, at microseconds: UInt64, cpu: Int = 0) {
    recorder.unmap(mapping, at: microseconds * 1_000, cpu: cpu)
  }

  mutating func unmapPart() { recorder.unmapPart() }

  consuming func stream() -> ReplayStream { recorder.finish() }

  /// `count` mappings of a page each, one after the other, `spacing` microseconds a step.
  static func pairs(_ count: UInt64, spacing: UInt64, samePage: Bool = false) -> ReplayStream {
    var recording = Recording()
    for pair in 0..<count {
      recording.map(pair, at: pair * 2 * spacing, page: samePage ? 7 : 7 + pair)
      recording.unmap(pair, at: (pair * 2 + 1) * spacing)
    }
    return recording.stream()
  }

  /// Mappings of all sizes and directions that come and go on three processors.
  static func random(seed: UInt64, steps: Int) -> ReplayStream {
    var random = RandomStream(seed: seed, name: "recording")
    var recording = Recording()
    var live: [UInt64] = []
    var time: UInt64 = 0
    for step in 0..<steps {
      time += random.next(below: 40)
      let cpu = Int(random.next(below: 3))
      if live.count > 20 || (!live.isEmpty && random.next(below: 2) == 0) {
        let mapping = live.remove(at: Int(random.next(below: UInt64(live.count))))
        recording.unmap(mapping, at: time, cpu: cpu)
        continue
      }
      let runs = random.next(below: 4) == 0 ? 1 + random.next(below: 6) : 1
      let pages: [(UInt64?, UInt64)] = (0..<runs).map { _ in
        let page = random.next(below: 8) == 0 ? nil : random.next(below: 1 << 40)
        return (page, 1 + random.next(below: 3))
      }
      let directions: [ReplayDirection] = [.toDevice, .fromDevice, .bothWays]
      recording.map(
        UInt64(step), at: time, cpu: cpu, directions[Int(random.next(below: 3))],
        runs: pages)
      live.append(UInt64(step))
    }
    return recording.stream()
  }
}
