import IOMMU

/// The caches and the rule of 4 GiB over ``ReferenceTree``, with arrays for magazines.
struct ReferenceTreeAllocator {
  private struct Slot {
    var loaded: [UInt64] = []
    var previous: [UInt64] = []
  }

  var tree: ReferenceTree
  let flavour: TreeFlavour
  let shift: UInt64
  let lastPage: UInt64
  private var triesLow: Bool

  /// By processor, then by size.
  private var slots: [[Slot]]
  private(set) var depots: [[[UInt64]]] = Array(repeating: [], count: 6)

  init(aperture: IOVARange, flavour: TreeFlavour, cpus: Int, forceDAC: Bool) {
    tree = ReferenceTree(firstPage: aperture.first.rawValue >> 12, end32: 1 << 20)
    self.flavour = flavour
    shift = 12
    lastPage = aperture.last.rawValue >> 12
    triesLow = !forceDAC
    slots = Array(repeating: Array(repeating: Slot(), count: 6), count: cpus)
  }

  private func sizeClass(_ pages: UInt64) -> Int {
    var log2 = 0
    while UInt64(1) << UInt64(log2) < pages { log2 += 1 }
    return log2
  }

  private func rounded(_ pages: UInt64) -> UInt64 {
    pages < 32 ? 1 << UInt64(sizeClass(pages)) : pages
  }

  /// The first page that Linux would hand out, or `nil`.
  mutating func allocate(_ pages: UInt64, alignment: UInt64, end: UInt64, cpu: Int) -> UInt64? {
    let end = min(end, lastPage + 1)
    if end > 1 << 20 && triesLow {
      if let page = fast(pages, alignment, end: 1 << 20, cpu: cpu, flushes: false) { return page }
      if flavour == .linux6_12 { triesLow = false }
    }
    return fast(pages, alignment, end: end, cpu: cpu, flushes: true)
  }

  private mutating func fast(
    _ pages: UInt64, _ alignment: UInt64, end: UInt64, cpu: Int, flushes: Bool
  ) -> UInt64? {
    let size = rounded(pages)
    if end < size { return nil }
    let sizeClass = sizeClass(size)
    if sizeClass < 6 && alignment <= size {
      if let page = cached(sizeClass, notAbove: end - size, cpu: cpu) { return page }
    }
    if let page = tree.take(size, alignment: alignment, below: end) { return page }
    if !flushes { return nil }
    flush()
    return tree.take(size, alignment: alignment, below: end)
  }

  private mutating func cached(_ sizeClass: Int, notAbove highest: UInt64, cpu: Int) -> UInt64? {
    if slots[cpu][sizeClass].loaded.isEmpty {
      if !slots[cpu][sizeClass].previous.isEmpty {
        exchange(cpu, sizeClass)
      } else if let full = depots[sizeClass].popLast() {
        slots[cpu][sizeClass].loaded = full
      } else {
        return nil
      }
    }
    guard let place = slots[cpu][sizeClass].loaded.lastIndex(where: { $0 <= highest })
    else { return nil }
    let page = slots[cpu][sizeClass].loaded[place]
    let top = slots[cpu][sizeClass].loaded.removeLast()
    if place < slots[cpu][sizeClass].loaded.count { slots[cpu][sizeClass].loaded[place] = top }
    return page
  }

  private mutating func exchange(_ cpu: Int, _ sizeClass: Int) {
    let loaded = slots[cpu][sizeClass].loaded
    slots[cpu][sizeClass].loaded = slots[cpu][sizeClass].previous
    slots[cpu][sizeClass].previous = loaded
  }

  private mutating func flush() {
    for cpu in slots.indices {
      for sizeClass in 0..<6 {
        giveBack(slots[cpu][sizeClass].loaded)
        giveBack(slots[cpu][sizeClass].previous)
        slots[cpu][sizeClass] = Slot()
      }
    }
    for sizeClass in 0..<6 {
      for magazine in depots[sizeClass] { giveBack(magazine) }
      depots[sizeClass] = []
    }
  }

  private mutating func giveBack(_ magazine: [UInt64]) {
    for page in magazine { precondition(tree.remove(page), "model freed what was not used") }
  }

  /// Frees `pages` pages from `page` on.
  mutating func free(_ page: UInt64, _ pages: UInt64, cpu: Int) {
    let sizeClass = sizeClass(pages)
    if sizeClass >= 6 {
      precondition(tree.remove(page), "model freed what was not used")
      return
    }
    if slots[cpu][sizeClass].loaded.count == 127 {
      if slots[cpu][sizeClass].previous.count < 127 {
        exchange(cpu, sizeClass)
      } else {
        let full = slots[cpu][sizeClass].loaded
        slots[cpu][sizeClass].loaded = []
        if flavour == .linux6_12 || depots[sizeClass].count < 32 {
          depots[sizeClass].append(full)
        } else {
          giveBack(full)
        }
      }
    }
    slots[cpu][sizeClass].loaded.append(page)
  }

  /// Gives one magazine of each depot back that has more than one a processor.
  mutating func reclaim() {
    for sizeClass in 0..<6 where depots[sizeClass].count > slots.count {
      giveBack(depots[sizeClass].removeLast())
    }
  }
}
