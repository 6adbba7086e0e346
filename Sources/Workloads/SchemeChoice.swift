public import IOMMU

/// Something generic over the scheme that a policy turns out to need.
public protocol SchemeVisitor {
  /// What comes of a visit.
  associatedtype Result
  /// Why none did.
  associatedtype Failure: Error

  /// Works with the scheme.
  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws(Failure) -> Result
}

/// The scheme that a policy names, on a machine.
///
/// Schemes are types, so that everything specialises; this is the one place where a policy, which
/// is a value, becomes one of them.
public struct SchemeChoice {
  /// The policy.
  public let policy: InvalidationPolicy
  /// The addresses that are handed out.
  public let aperture: IOVARange
  /// The number of processors.
  public let cpus: Int
  /// The kernel whose address allocator `strict` and `queue` copy.
  public let kernel: TreeFlavour
  /// What invalidations cost.
  public let cost: InvalidationCost
  /// The most ranges that a tree of addresses may hold at once.
  public let treeCapacity: Int

  /// The scheme of `policy` over `aperture`.
  public init(
    policy: InvalidationPolicy, aperture: IOVARange, cpus: Int, kernel: TreeFlavour,
    cost: InvalidationCost, treeCapacity: Int = 1 << 20
  ) {
    self.policy = policy
    self.aperture = aperture
    self.cpus = cpus
    self.kernel = kernel
    self.cost = cost
    self.treeCapacity = treeCapacity
  }

  /// Hands the scheme to `visitor`; `nil` for `identity`, which has none.
  ///
  /// Throws: what the visitor does.
  public func accept<Visitor: SchemeVisitor>(
    _ visitor: Visitor
  ) throws(Visitor.Failure) -> Visitor.Result? {
    switch made {
    case nil: nil
    case .strict(let scheme): try visitor.visit(scheme)
    case .bitmap(let scheme): try visitor.visit(scheme)
    case .queue(let scheme): try visitor.visit(scheme)
    case .rollover(let scheme): try visitor.visit(scheme)
    }
  }

  /// The scheme, made anew each time; `nil` for `identity`, which has none.
  public var made: MadeScheme? {
    switch policy {
    case .identity:
      return nil
    case .strict:
      return .strict(StrictScheme(allocator: tree(kernel)))
    case .legacy:
      return .bitmap(BitmapScheme(allocator: bitmap(.lazy)))
    case .legacyStrict:
      return .bitmap(BitmapScheme(allocator: bitmap(.strict)))
    case .queue(let entries, let timeout):
      return .queue(
        QueueScheme(allocator: tree(kernel), rings: cpus, entries: entries, timeout: timeout))
    case .singleQueue(let entries, let timeout):
      // Single queues came with 6.7, whose magazines are those of 6.12.
      return .queue(
        QueueScheme(
          allocator: tree(.linux6_12), rings: 1, entries: entries, timeout: timeout))
    case .rollover(let age, let stale):
      let pages = aperture.pageCount(of: .fourKiB)
      return .rollover(
        RolloverScheme(
          allocator: RolloverAllocator(
            aperture: aperture, granule: .fourKiB, cpus: cpus, countsStale: stale != nil),
          age: age, staleLimit: stale?.pages(of: pages).rawValue ?? .max, cost: cost))
    }
  }

  private func tree(_ flavour: TreeFlavour) -> TreeAllocator {
    // A node for each range that can be out at once; more than the aperture has pages is waste.
    let pages = Int(clamping: aperture.pageCount(of: .fourKiB).rawValue)
    return TreeAllocator(
      aperture: aperture, granule: .fourKiB, flavour: flavour, cpus: cpus, forceDAC: false,
      capacity: min(pages, treeCapacity) + 64)
  }

  private func bitmap(_ mode: BitmapAllocator.Mode) -> BitmapAllocator {
    BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: mode)
  }
}

/// A scheme as a value: one of the few types that policies need.
public enum MadeScheme: Sendable {
  /// The scheme of `strict`.
  case strict(StrictScheme<TreeAllocator>)
  /// The scheme of `legacy` and `legacy-strict`.
  case bitmap(BitmapScheme)
  /// The scheme of `queue` and `single-queue`.
  case queue(QueueScheme<TreeAllocator>)
  /// The scheme of `rollover`.
  case rollover(RolloverScheme)
}
