import IOMMU

/// The recorded machine's memory, laid over the buffers of the model's.
///
/// A buffer that starts in recorded page n starts in page n modulo the number of places, so that a
/// page that comes back is the same page here too, which `+reuse` depends on; pages that are far
/// apart may share one, which no translation minds. A buffer's own pages always follow each other.
struct ReplayMemory {
  private let base: UInt64
  private let places: UInt64

  /// Takes the largest block of `memory`, at most half of it, for buffers of up to `longest` pages.
  ///
  /// Throws: `noRoom` where none is that large.
  init(_ memory: MachineMemory, longest: UInt64) throws(ReplayError) {
    var pages: UInt64 = 1
    while pages <= memory.byteCount &>> 14 { pages &<<= 1 }
    while pages >= longest && pages > 0 {
      do throws(TableMemoryError) {
        let block = try memory.allocateBuffer(byteCount: Int(pages &<< 12))
        base = block.first.rawValue
        places = pages - max(longest, 1) + 1
        return
      } catch {
        pages &>>= 1
      }
    }
    throw .noRoom(pages: longest, memoryBytes: memory.byteCount)
  }

  /// Where a recorded segment lies here.
  func range(_ segment: ReplayStream.Segment) -> PhysicalRange {
    let page = (segment.first &>> 12) % places
    let first = base + (page &<< 12) + (segment.first & 4_095)
    guard
      let range = PhysicalRange(
        first: PhysicalAddress(first), last: PhysicalAddress(first + segment.byteCountMinusOne))
    else { preconditionFailure("a segment fits the block it was measured for") }
    return range
  }
}
