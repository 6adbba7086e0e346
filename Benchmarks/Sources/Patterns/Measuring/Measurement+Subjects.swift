import IOMMU
import Workloads

/// Something to do with the subject of a measurement, whose type it specialises for.
protocol SubjectVisitor {
  /// Works with subjects, each made anew by `make`.
  func visit<S: Subject>(_ make: () -> S)
}

extension Measurement {
  /// The places in which a pattern has tables, besides those of a full aperture.
  private static let spareTableBytes = 64 << 20

  /// The most processors that are told apart.
  static let processors = 4

  /// Hands over the subject of this measurement.
  func accept(_ visitor: some SubjectVisitor) {
    let choice = SchemeChoice(
      policy: policy.choice.policy, aperture: aperture, cpus: Self.processors,
      kernel: .linux6_12, cost: .shadowed, treeCapacity: pattern.outstanding + 40_000)
    // Each type on its own, so that the compiler makes code for each of them; and a scheme of its
    // own for each run.
    switch choice.made {
    case nil: visitor.visit { IdentitySubject() }
    case .strict: visit(Self.scheme(choice, as: StrictScheme<TreeAllocator>.self), visitor)
    case .bitmap: visit(Self.scheme(choice, as: BitmapScheme.self), visitor)
    case .queue: visit(Self.scheme(choice, as: QueueScheme<TreeAllocator>.self), visitor)
    case .rollover: visit(Self.scheme(choice, as: RolloverScheme.self), visitor)
    }
  }

  private static func scheme<Scheme>(_ choice: SchemeChoice, as type: Scheme.Type) -> Scheme {
    let made: Any? =
      switch choice.made {
      case nil: nil
      case .strict(let scheme): scheme
      case .bitmap(let scheme): scheme
      case .queue(let scheme): scheme
      case .rollover(let scheme): scheme
      }
    guard let scheme = made as? Scheme else { fatalError("a policy changed its scheme") }
    return scheme
  }

  private func visit<Scheme: InvalidationScheme>(
    _ scheme: @autoclosure () -> Scheme, _ visitor: some SubjectVisitor
  ) {
    if subject == .addresses { return visitor.visit { AddressSubject(scheme()) } }
    let isBatched = policy.choice.modifiers.contains(.batch)
    if pattern.isList {
      visitor.visit { ScatterSubject(mappings(scheme()), isBatched: isBatched) }
    } else if isBatched {
      visitor.visit { BatchedSubject(mappings(scheme())) }
    } else {
      visitor.visit { mappings(scheme()) }
    }
  }

  private func mappings<Scheme: InvalidationScheme>(_ scheme: Scheme) -> MappingSubject<Scheme> {
    let options = PagingDomainOptions(
      processors: Self.processors, modifiers: policy.choice.modifiers)
    return MappingSubject(
      scheme, announced: policy.announced, options: options,
      tableBytes: Int(pattern.pages << 3) + Self.spareTableBytes)
  }
}
