import KernelTraces
import Testing

@Test(arguments: [
  "s390x/linux-6.1-lazy-mixed", "s390x/linux-6.1-lazy-qd1-qd4-4k", "s390x/linux-6.1-lazy-wrap-256m",
  "s390x/linux-6.1-strict-qd1-qd4-4k", "s390x/linux-6.12-fq-mixed",
  "s390x/linux-6.12-fq-qd1-qd4-4k", "s390x/linux-6.12-strict-qd1-qd4-4k",
  "x86-64/linux-6.1.0-50-amd64.intel-strict.iommu",
  "x86-64/linux-6.12.95+deb12-amd64.intel-lazy.iommu+dma+intel",
  "x86-64/linux-6.12.95+deb12-amd64.intel-strict.iommu+dma+intel",
  "x86-64/linux-7.3.4+deb13-amd64.intel-lazy.iommu+dma+intel",
])
func dump(_ n: String) async throws {
  let t = try await Traces.read(Traces.path(n))
  print(n, t.statistics, t.statistics.source, t.summary, t.work.operations.count)
}
