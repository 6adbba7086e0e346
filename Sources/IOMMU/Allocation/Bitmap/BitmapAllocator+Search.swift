extension BitmapAllocator {
  /// The first free run from page `first` of the aperture on, or `nil`; it changes no page.
  ///
  /// Source: lib/iommu-helper.c `iommu_area_alloc` over lib/bitmap.c
  /// `bitmap_find_next_zero_area_off`: the first free page, moved up to the alignment; on a busy
  /// page inside the run, on behind that; on a crossed boundary, on from the boundary. Alignment
  /// counts from address zero.
  ///
  /// Complexity: each word is read about twice at most. Context: the lock is held.
  borrowing func find(_ wanted: PageRequest, from first: UInt64) -> UInt64? {
    let size = wanted.end &- basePage &- 1
    var start = first
    var read: UInt64 = 0
    defer { state.value.wordsScanned &+= read }
    while true {
      let free = busy.firstBit(from: start, below: size, inverting: .max, &read)
      let index = wanted.aligned(basePage &+ free) &- basePage
      let end = index &+ wanted.pages
      if end > size { return nil }
      let obstacle = busy.firstBit(from: index, below: end, inverting: 0, &read)
      if obstacle < end {
        start = obstacle &+ 1
      } else if wanted.crossesBoundary(from: basePage &+ index) {
        start = ((basePage &+ index &+ wanted.boundaryMask) & ~wanted.boundaryMask) &- basePage
      } else {
        return index
      }
    }
  }
}
