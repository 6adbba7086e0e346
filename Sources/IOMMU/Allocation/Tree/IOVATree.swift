/// Linux's tree of used addresses, searched from the top down, without the caches in front of it.
///
/// Every run is aligned to its size rounded up to a power of two. A search goes down from the run
/// that was placed last, and if that fails once more from the top. Page zero is never handed out,
/// because Linux's callers read it as failure.
///
///     let tree = IOVATree(aperture: aperture, granule: .fourKiB, capacity: 1024)
///     let range = try tree.allocate(IOVARequest(pages: PageCount(3)), on: .boot)
///     tree.free(range, on: .boot)
///
/// Source: drivers/iommu/iova.c, `alloc_iova` and `free_iova`, the same in Linux 6.1 and 6.12.
public struct IOVATree: IOVAAllocator, ~Copyable {
  /// The whole granules of the range that `init` was given, without page zero.
  public let aperture: IOVARange

  /// The page size.
  public let granule: Granule

  /// The lowest page that can be handed out (`start_pfn`).
  let firstPage: UInt64

  /// The number of pages below 4 GiB (`dma_32bit_pfn`).
  let end32: UInt64

  /// Guards everything below.
  let lock = SpinLock("address tree", lines: 8)

  let tree: PageTree

  let cursor: FixedCell<TreeCursor>

  /// Hands out the whole granules of `aperture` but page zero; one at least must remain.
  ///
  /// `capacity` is the number of runs that can be in use at once, reserved ones included.
  /// Allocates: 32 bytes for each, once, here.
  public init(aperture: IOVARange, granule: Granule, capacity: Int) {
    let shift = UInt64(granule.log2)
    guard let nonzero = IOVARange(first: IOVA(1 &<< shift), last: IOVA(.max)),
      let whole = aperture.wholeGranules(of: granule)?.intersection(nonzero)
    else { preconditionFailure("aperture holds no whole granule but page zero") }
    self.aperture = whole
    self.granule = granule
    firstPage = whole.first.rawValue &>> shift
    let end32: UInt64 = 1 &<< (32 &- shift)
    self.end32 = end32
    tree = PageTree(capacity: capacity)
    cursor = FixedCell(TreeCursor(end32: end32))
  }

  /// The number of tree nodes visited since creation, by searches, insertions and removals.
  ///
  /// A rotation counts as one. On a large tree each is about one missed cache line.
  /// Context: any processor; takes the lock.
  public var treeSteps: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return tree.steps
  }
}

/// Where searches start, and what is known to be hopeless.
struct TreeCursor {
  /// The run to search down from where the limit lies above 4 GiB (`cached_node`).
  var wide: PageTree.Node = PageTree.anchor

  /// The run to search down from otherwise (`cached32_node`).
  var low: PageTree.Node = PageTree.anchor

  /// The number of pages from which on searches below 4 GiB are not even begun
  /// (`max32_alloc_size`).
  var refusedBelow4GiB: UInt64

  init(end32: UInt64) {
    refusedBelow4GiB = end32
  }
}
