/// Linux's allocator for s390 up to 6.6: a bitmap searched next-fit, with a stale bit for each
/// page.
///
/// Addresses go out in sequence from where the last one ended. In ``Mode/lazy`` mode an unmapped
/// page stays busy; when the search reaches the end, everything is invalidated once, the stale
/// pages become free, and the search starts over from the first page. Having a range from here
/// proves what ``IOVAAllocator`` says.
///
///     let allocator = BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: .lazy)
///     let range = try allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
///     allocator.retire(range, at: now, on: .boot)
///
/// Source: Linux 6.1, arch/s390/pci/pci_dma.c: `dma_alloc_address`, `dma_free_address`,
/// `__dma_purge_tlb`. What differs: Linux holds its lock over the whole invalidation, whereas here
/// the caller invalidates between two calls, so pages may be retired meanwhile and are kept apart.
@frozen
public struct BitmapAllocator: StaleTrackingAllocator, ~Copyable {
  /// What happens when the search reaches the end of the aperture.
  @frozen
  public enum Mode: Sendable {
    /// Everything is invalidated before an address is used again: Linux's default.
    case lazy
    /// The search goes on from the first page: Linux's `s390_iommu=strict`, where every unmap
    /// was invalidated before its pages came back by ``BitmapAllocator/free(_:on:)``.
    case strict
  }

  /// The whole granules of the range that `init` was given.
  ///
  /// The last page is never handed out; see ``allocate(_:on:)``.
  public let aperture: IOVARange

  /// The page size.
  public let granule: Granule

  /// What happens at the end of the aperture.
  public let mode: Mode

  /// The number of the aperture's first page, counted from address zero.
  @usableFromInline let basePage: UInt64

  /// The number of pages in the aperture.
  @usableFromInline let pageCount: UInt64

  /// Guards everything below; it is the only lock.
  @usableFromInline let lock = SpinLock("bitmap", lines: 2)

  /// The scalars.
  @usableFromInline let state: FixedCell<BitmapState>

  /// A set bit is a page that is handed out, stale or reserved.
  @usableFromInline let busy: FixedStorage<UInt64>

  /// Three maps of stale pages, one after the other; ``BitmapState`` says which is which.
  @usableFromInline let stale: FixedStorage<UInt64>

  /// Hands out the whole granules of `aperture`, of which there must be one at least.
  ///
  /// Allocates: four bits a page, once, here.
  public init(aperture: IOVARange, granule: Granule, mode: Mode) {
    guard let whole = aperture.wholeGranules(of: granule) else {
      preconditionFailure("aperture holds no whole granule")
    }
    self.aperture = whole
    self.granule = granule
    self.mode = mode
    basePage = whole.first.rawValue &>> UInt64(granule.log2)
    pageCount = whole.pageCount(of: granule).rawValue
    let words = Int(pageCount / 64) + (pageCount % 64 == 0 ? 0 : 1)
    state = FixedCell(BitmapState())
    busy = FixedStorage(count: words) { _ in 0 }
    stale = FixedStorage(count: 3 * words) { _ in 0 }
  }

  /// The number of pages that are stale now, whether an invalidation of them has begun or not.
  ///
  /// Context: any processor; takes the lock.
  public var stalePages: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return state.value.stalePages
  }

  /// The number of bitmap words that searches have read since creation.
  ///
  /// A page's word is read once to find it free and once to see how far free pages reach, as in
  /// Linux's `bitmap_find_next_zero_area_off`. Context: any processor; takes the lock.
  public var wordsScanned: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return state.value.wordsScanned
  }

  /// The number of bitmap words that freeing stale pages has gone over since creation.
  ///
  /// Context: any processor; takes the lock.
  public var wordsSwept: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return state.value.wordsSwept
  }
}
