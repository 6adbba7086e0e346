import IOMMU

/// Buffers that processor and device share for long.
extension Simulation {
  func allocateCoherent(_ random: inout StepRandom, _ cpu: CPUIndex) -> Bool {
    guard let domain = workingDomain(&random), let target = domain.target else { return false }
    let byteCount = 1 + random.below(random.oneIn(4) ? 16 << 12 : 4 << 12)
    note("\(byteCount) bytes in domain \(domain.number), cpu \(cpu.rawValue)")
    do throws(MapError) {
      let token = try inside(domain) { () throws(MapError) in
        try target.allocateCoherent(byteCount: byteCount, on: cpu)
      }
      guard let memory = token.coherentMemory else { return false }
      bufferBytes += Self.coherentBytes(memory)
      take(
        token, in: domain, kind: .coherent, buffers: [memory], direction: .bothWays, cpu: cpu)
    } catch {
      let pages = (UInt64(byteCount) + 4_095) >> 12
      didNotMap(error, domain, coherentBytes: Self.coherentBytes(pages: pages))
    }
    return true
  }

  /// The bytes that a coherent buffer takes of memory, which is handed out in powers of two.
  static func coherentBytes(_ memory: PhysicalRange) -> UInt64 {
    coherentBytes(pages: memory.pageCount(of: .fourKiB).rawValue)
  }

  private static func coherentBytes(pages: UInt64) -> UInt64 {
    (1 << UInt64(64 - (pages - 1).leadingZeroBitCount)) << 12
  }
}
