public import Synchronization

/// The rule by which Linux's DMA layer tries addresses below 4 GiB first.
///
/// A device that reaches further gets such an address while there are any, because so many devices
/// claim more address bits than work. Source: `iommu_dma_alloc_iova` in drivers/iommu/dma-iommu.c;
/// newer kernels clear the device's `pci_32bit_workaround` at the first failure, 6.1 tries always.
@frozen
public struct DMALimit: ~Copyable, Sendable {
  /// The highest byte that 32 bits can name.
  @inlinable
  public static var highest32Bit: IOVA { IOVA(0xffff_ffff) }

  @usableFromInline let remembersFailure: Bool

  @usableFromInline let triesLow: Atomic<Bool>

  /// The rule of `flavour`, or with `forceDAC` no rule at all (`iommu.forcedac=1`).
  ///
  /// s390 kernels from 6.7 on switch it off in this way, because their apertures start at 4 GiB.
  @inlinable
  public init(flavour: TreeFlavour, forceDAC: Bool) {
    switch flavour {
    case .linux6_1: remembersFailure = false
    case .linux6_12: remembersFailure = true
    }
    triesLow = Atomic(!forceDAC)
  }

  /// The lower limit to try first for a device that reaches up to `limit`; `nil` for none.
  ///
  /// Complexity: O(1). Context: any processor.
  @inlinable
  public borrowing func firstTry(for limit: IOVA) -> IOVA? {
    if limit <= Self.highest32Bit { return nil }
    // A hint on its own: no other memory depends on it, so no order is needed.
    return triesLow.load(ordering: .relaxed) ? Self.highest32Bit : nil
  }

  /// Says that the first try found no address, so that the full limit is next.
  ///
  /// Complexity: O(1). Context: any processor.
  @inlinable
  public borrowing func firstTryFailed() {
    if remembersFailure { triesLow.store(false, ordering: .relaxed) }
  }
}
