import IOMMU

/// What the runtime does once in a process.
///
/// The first error of a type that is thrown has its conformance looked up: some 900 instructions,
/// which would count as the first request's that is turned down.
package enum FirstThrow {
  /// Has an error of the allocators thrown.
  package static func prepare() {
    let allocator = RolloverAllocator(
      aperture: IOVARange(byte: IOVA(0)).union(IOVARange(byte: IOVA(4_095))),
      granule: .fourKiB, cpus: 1)
    do throws(IOVAAllocationError) {
      _ = try allocator.allocate(IOVARequest(pages: PageCount(2)), on: CPUIndex(0))
      preconditionFailure("two pages were found in one")
    } catch {
      // An aperture of one page cannot hold two.
    }
  }
}
