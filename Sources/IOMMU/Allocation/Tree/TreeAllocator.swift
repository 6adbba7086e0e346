/// The address allocator of Linux's common DMA layer: a tree, magazines in front of it, and the
/// rule that tries addresses below 4 GiB first.
///
/// Freed runs of up to 32 pages go to caches of the processor that frees them and are used again
/// last in, first out; they never wait for an invalidation here, that is the flush queue's part.
/// Having a range from here proves what ``IOVAAllocator`` says.
///
///     let allocator = TreeAllocator(
///       aperture: aperture, granule: .fourKiB, flavour: .linux6_12, cpus: 4, forceDAC: false,
///       capacity: 65_536)
///     let range = try allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
///     allocator.free(range, on: .boot)
///
/// Source: drivers/iommu/iova.c `alloc_iova_fast`, `free_iova_fast`; drivers/iommu/dma-iommu.c
/// `iommu_dma_alloc_iova`. What differs: memory is bounded, so that running out of nodes is one
/// more way to be exhausted, and requests carry an alignment and a boundary.
@frozen
public struct TreeAllocator: IOVAAllocator, ~Copyable {
  /// The whole granules of the range that `init` was given, without page zero.
  public let aperture: IOVARange

  /// The page size.
  public let granule: Granule

  /// The kernel that is followed.
  public let flavour: TreeFlavour

  /// One less than the bytes of a page.
  @usableFromInline let offsetMask: UInt64

  /// The page after the aperture's last.
  @usableFromInline let endPage: UInt64

  /// Whether any address of the aperture has more than 32 bits.
  @usableFromInline let reachesBeyond32Bits: Bool

  @usableFromInline let dmaLimit: DMALimit

  @usableFromInline let tree: IOVATree

  @usableFromInline let cache: MagazineCache

  /// Hands out the whole granules of `aperture` but page zero; one at least must remain.
  ///
  /// `cpus` is the number of processors with caches of their own, 1 to 65,536; `capacity` the
  /// number of runs that can be in use, cached or reserved at once; `forceDAC` switches the rule of
  /// 4 GiB off. Allocates: 40 bytes for each run and 13 KiB for each processor, whose number is
  /// rounded up to a power of two, once, here.
  public init(
    aperture: IOVARange, granule: Granule, flavour: TreeFlavour, cpus: Int, forceDAC: Bool,
    capacity: Int
  ) {
    tree = IOVATree(aperture: aperture, granule: granule, capacity: capacity)
    cache = MagazineCache(flavour: flavour, cpus: cpus, capacity: capacity)
    dmaLimit = DMALimit(flavour: flavour, forceDAC: forceDAC)
    endPage = (tree.aperture.last.rawValue &>> UInt64(granule.log2)) &+ 1
    offsetMask = granule.byteCount &- 1
    reachesBeyond32Bits = tree.aperture.last > DMALimit.highest32Bit
    self.aperture = tree.aperture
    self.granule = granule
    self.flavour = flavour
  }

  /// The number of tree nodes visited since creation, by searches, insertions and removals.
  ///
  /// A rotation counts as one. Runs from a magazine visit none.
  /// Context: any processor; takes the tree's lock.
  public var treeSteps: UInt64 { tree.treeSteps }

  /// The pages in magazines that were passed over since creation, as they were above 4 GiB where
  /// such were not wanted at first.
  public var magazineEntriesPassed: UInt64 { cache.sum { $0.passed } }

  /// The looks into magazines since creation that passed such pages over.
  public var magazineSearches: UInt64 { cache.sum { $0.searches } }

  /// Keeps the pages that `range` touches from ever being handed out.
  ///
  /// - Complexity: linear in the runs inside the range, times O(log n).
  /// - Throws: ``IOVAAllocationError/exhausted(pages:limit:)`` where the nodes do not suffice;
  ///   nothing is reserved then.
  /// - Context: set-up, before the first allocation. Allocates: never.
  public borrowing func reserve(_ range: IOVARange) throws(IOVAAllocationError) {
    try tree.reserve(range)
  }
}
