import IOMMU

/// Linux 6.1 on s390: a bitmap searched next-fit, lazy or strict.
final class BitmapReplica: KernelReplica {
  private let scheme: BitmapScheme
  private let issuer = ReplicaIssuer()
  private var searchStart: UInt64 = 0

  init(aperture: IOVARange, mode: BitmapAllocator.Mode) {
    let scheme = BitmapScheme(
      allocator: BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: mode))
    self.scheme = scheme
    issuer.invalidate = { [unowned scheme] cpu in
      scheme.endGlobalInvalidation(scheme.beginGlobalInvalidation(), on: cpu)
    }
  }

  func allocate(_ pages: UInt64, on cpu: Int) -> PageRun? {
    searchStart = scheme.allocator.searchStart
    // Linux's default for a device's segment boundary, `dma_get_seg_boundary`.
    let request = IOVARequest(pages: PageCount(pages), boundaryMask: 0xffff_ffff)
    do throws(IOVAAllocationError) {
      return PageRun(try scheme.allocate(request, on: CPUIndex(cpu), issuer: issuer))
    } catch {
      return nil
    }
  }

  func undo(_ run: PageRun, on cpu: Int) {
    guard let range = run.range else { return }
    scheme.allocator.undo(range, searchStart: searchStart)
  }

  func claim(_ run: PageRun, on cpu: Int) -> ClaimedState {
    guard let range = run.range else { return .outside }
    return switch scheme.allocator.claim(range) {
    case .free: .free
    case .busy: .live
    case .stale: .stale
    case .outside: .outside
    }
  }

  func retire(_ run: PageRun, on cpu: Int) {
    guard let range = run.range, scheme.allocator.aperture.contains(range) else { return }
    scheme.retire(range, since: issuer.now(), on: CPUIndex(cpu), issuer: issuer)
  }

  func refreshAll(on cpu: Int) { _ = issuer.flushAll(.exhaustion, on: CPUIndex(cpu)) }
  func takeGlobals() -> [InvalidationCause] { issuer.takeGlobals() }
  func advance(to time: UInt64) { issuer.time = time }
}
