/// Which kernel's address allocator to behave like.
///
/// | | 6.1 | 6.12 |
/// |---|---|---|
/// | pages of a magazine | 127 | 127 |
/// | full magazines in a depot | 32 | no limit |
/// | depot shrinks | never | one magazine each 100 ms above the number of processors |
/// | addresses below 4 GiB first | always tried | given up after the first failure |
///
/// Source: drivers/iommu/iova.c and dma-iommu.c of Debian's 6.1.192 and 6.12.117. Releases from 6.7
/// on have the newer depot.
@frozen
public enum TreeFlavour: Sendable {
  /// Linux 6.1.
  case linux6_1
  /// Linux 6.12.
  case linux6_12

  /// How many full magazines one depot takes at most (`MAX_GLOBAL_MAGS`), or `nil` for any number.
  var depotLimit: Int? {
    switch self {
    case .linux6_1: 32
    case .linux6_12: nil
    }
  }
}
