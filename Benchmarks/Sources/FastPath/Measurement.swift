import IOMMU
import Workloads

/// One pattern under one policy.
struct Measurement {
  let pattern: Pattern
  let policy: BenchPolicy
  /// `addresses` or `mappings`.
  let subject: String
  let pairs: Int

  /// Where the aperture begins: above what 32 bits reach, where it is larger than that.
  private var aperture: IOVARange {
    let bytes = pattern.apertureGiB << 30
    let first: UInt64 = pattern.apertureGiB > 4 ? 1 << 32 : 0
    return IOVARange(first: IOVA(first), byteCount: bytes) ?? IOVARange(byte: IOVA(0))
  }

  func run() {
    let choice = SchemeChoice(
      policy: policy.choice.policy, aperture: aperture, cpus: 4, kernel: .linux6_12,
      cost: .shadowed, treeCapacity: pattern.outstanding + 40_000)
    // Each type on its own, so that the compiler makes code for each of them; and a scheme of its
    // own for each run.
    switch choice.made {
    case nil: break
    case .strict: measure(Self.scheme(choice, as: StrictScheme<TreeAllocator>.self))
    case .bitmap: measure(Self.scheme(choice, as: BitmapScheme.self))
    case .queue: measure(Self.scheme(choice, as: QueueScheme<TreeAllocator>.self))
    case .rollover: measure(Self.scheme(choice, as: RolloverScheme.self))
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

  private func measure<Scheme: InvalidationScheme>(_ scheme: @autoclosure () -> Scheme) {
    if subject == "addresses" {
      measure { AddressSubject(scheme()) }
    } else {
      let options = PagingDomainOptions(processors: 4, modifiers: policy.choice.modifiers)
      measure {
        MappingSubject(
          scheme(), announced: policy.announced, options: options,
          tableBytes: Int(pattern.apertureGiB << 21) + (64 << 20))
      }
    }
  }

  private var name: String { "\(pattern.name)\t\(policy.name)\t\(subject)" }

  private func measure<S: Subject>(_ subject: () -> S) {
    if Counting.hasCallgrind { return count(subject()) }
    report("failures", UInt64(Churn.failures(subject(), pattern, pairs)))
    if !Counting.canStep { return }
    var times = ShortestTimes(count: 2 * pairs)
    for _ in 0..<3 { Churn.probe(subject(), pattern, pairs, &times) }
    var stepper = Stepper(chosen: times.longest(100))
    Churn.probe(subject(), pattern, pairs, &stepper)
    report("worst-take", stepper.take)
    report("worst-give", stepper.give)
  }

  private func count<S: Subject>(_ subject: S) {
    var churn = Churn(subject, pattern)
    churn.run(1_000)
    Counting.underCallgrind("\(name)\tpairs\t\(pairs)") { churn.run(pairs) }
    Counting.underCallgrind("\(name)\tidle\t\(pairs)") { churn.idle(pairs) }
    churn.finish()
  }

  private func report(_ what: String, _ value: UInt64) {
    print("\(name)\t\(what)\t\(value)")
  }
}
