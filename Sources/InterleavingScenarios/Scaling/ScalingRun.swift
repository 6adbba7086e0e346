import IOMMU
public import InterleavingExplorer
import PlainPlatform

/// Processors that map and unmap single pages in one domain, each on its own account.
public struct ScalingRun: Sendable {
  /// How many there are, 1 to 64.
  public var processors: Int
  /// The pairs of map and unmap of all of them together.
  public var pairs = 65_536
  /// The mappings that each has out.
  public var depth = 32
  /// Whether what a processor maps is unmapped by the next one, as where interrupts go elsewhere.
  public var unmapsElsewhere = false
  /// What lines and instructions cost.
  public var prices = LinePrices()

  /// A run on so many processors.
  public init(processors: Int) { self.processors = processors }

  /// The addresses of the domain: 65,536 pages, which are used up at least once.
  private static var aperture: IOVARange {
    IOVARange(first: IOVA(1 << 32), byteCount: 1 << 28) ?? IOVARange(byte: IOVA(0))
  }

  /// Runs `policy`, and tells what that cost; the same each time.
  ///
  /// Each processor does some pairs before these, which fetch lines for the first time, and how
  /// many that are is drawn at random, as is how long it takes from one pair to the next.
  public func run(_ policy: ScalingPolicy) -> LineReport {
    let aperture = Self.aperture
    switch policy.kind {
    case .strict: return run(policy) { StrictScheme(allocator: tree(aperture)) }
    case .legacy:
      return run(policy) {
        BitmapScheme(
          allocator: BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: .lazy))
      }
    case .queue(let rings, let entries):
      return run(policy) {
        QueueScheme(
          allocator: tree(aperture), rings: rings ?? processors, entries: entries,
          timeout: .milliseconds(1_000))
      }
    case .rollover:
      return run(policy) {
        RolloverScheme(
          allocator: RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: processors))
      }
    }
  }

  private func tree(_ aperture: IOVARange) -> TreeAllocator {
    TreeAllocator(
      aperture: aperture, granule: .fourKiB, flavour: .linux6_12, cpus: processors,
      forceDAC: false, capacity: 65_536 + 64)
  }

  private func run<Scheme: InvalidationScheme>(
    _ policy: ScalingPolicy, scheme: () -> Scheme
  ) -> LineReport {
    var bench: ScalingBench<Scheme>?
    let report = meterCacheLines(prices) {
      let made = ScalingBench(self, scheme(), policy)
      bench = made
      return (0..<processors).map { number in { made.work(on: number) } }
    }
    bench?.finish()
    return report
  }
}

/// One run: a domain with a device, and what is mapped.
final class ScalingBench<Scheme: InvalidationScheme> {
  private let run: ScalingRun
  private let instructions: UInt64
  private let domain: PagingDomain<CountingPlatform, Scheme>
  private let device: DMADevice<CountingControl>
  private let group: DeviceGroup<CountingControl>
  /// What each processor has mapped and nobody has unmapped, oldest first.
  private var queues: [TokenQueue]

  init(_ run: ScalingRun, _ scheme: Scheme, _ policy: ScalingPolicy) {
    self.run = run
    instructions = policy.instructions
    device = DMADevice(control: CountingControl(requiresMapSideInvalidation: policy.isTold))
    queues = (0..<run.processors).map { _ in TokenQueue() }
    do {
      domain = try PagingDomain(
        scheme: scheme, memory: PlainMemory(tableBytes: 4 << 20), timer: StillTimer(),
        observer: NoObserver(), options: PagingDomainOptions(processors: run.processors))
      group = DeviceGroup(defaultDomain: domain)
      try group.add(device, on: .boot)
    } catch {
      preconditionFailure("no domain: \(error)")
    }
  }

  /// What processor `number` does.
  func work(on number: Int) {
    let cpu = CPUIndex(number)
    // At random, or all would run out of addresses, and queue for more, at the same time.
    var random = SplitMix(seed: UInt64(number))
    let warmUp = max(run.pairs / run.processors, 8) / 8 + Int(random.next(below: 256))
    let pairs = warmUp + max(run.pairs / run.processors, 8)
    let from = run.unmapsElsewhere ? (number + run.processors - 1) % run.processors : number
    for pair in 0..<pairs {
      if pair == warmUp { MeteredProcessor.begin() }
      // Half a pair, and up to a quarter more or less.
      MeteredProcessor.work(instructions: instructions / 4 + random.next(below: instructions / 2))
      map(pair, number, on: cpu)
      guard let oldest = queues[from].takeOldest(keeping: run.depth) else { continue }
      MeteredProcessor.work(instructions: instructions - instructions / 2)
      domain.unmap(oldest, on: cpu)
      MeteredProcessor.countOperation()
    }
    MeteredProcessor.end()
  }

  private func map(_ pair: Int, _ number: Int, on cpu: CPUIndex) {
    // Somewhere in memory; nobody looks at it.
    let first = PhysicalAddress(UInt64(number) << 24 | UInt64(pair & 0xfff) << 12)
    guard let buffer = PhysicalRange(first: first, byteCount: 4_096) else { return }
    do throws(MapError) {
      queues[number].add(try domain.map(buffer, FromDevice.self, on: cpu))
    } catch {
      preconditionFailure("nothing could be mapped: \(error)")
    }
  }

  /// Takes back what is still mapped.
  func finish() {
    for queue in queues {
      while let token = queue.takeOldest(keeping: 0) { domain.unmap(token, on: .boot) }
    }
    _ = group.release(device, on: .boot)
  }
}

/// Mappings that are out, oldest first.
private final class TokenQueue {
  private var tokens: [Int: Box] = [:]
  private var oldest = 0
  private var next = 0

  private final class Box {
    var token: Mapping<FromDevice>?
    init(_ token: consuming Mapping<FromDevice>) { self.token = consume token }
  }

  func add(_ token: consuming Mapping<FromDevice>) {
    tokens[next] = Box(token)
    next += 1
  }

  /// The oldest, if there are more than `kept`.
  func takeOldest(keeping kept: Int) -> Mapping<FromDevice>? {
    if next - oldest <= kept { return nil }
    defer { oldest += 1 }
    return tokens.removeValue(forKey: oldest)?.token.take()
  }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
private struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

  /// A number below `bound`, 1 or more.
  mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state &>> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
    return (mixed ^ mixed &>> 31) % max(bound, 1)
  }
}
