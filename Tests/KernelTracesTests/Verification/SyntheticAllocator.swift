import IOMMU

/// The scheme behind a ``SyntheticKernel``, in pages.
final class SyntheticAllocator {
  private enum Scheme {
    case bitmap(BitmapScheme)
    case strict(StrictScheme<TreeAllocator>)
    case queue(QueueScheme<TreeAllocator>)
  }

  let issuer = SyntheticIssuer()
  private let scheme: Scheme
  private static let cpu = CPUIndex.boot

  init(_ policy: SyntheticKernel.Policy, base: UInt64, pages: UInt64) {
    let aperture = IOVARange(first: IOVA(base * 4_096), byteCount: pages * 4_096)!
    func tree() -> TreeAllocator {
      TreeAllocator(
        aperture: aperture, granule: .fourKiB, flavour: .linux6_12, cpus: 1, forceDAC: true,
        capacity: 2_000)
    }
    switch policy {
    case .lazyBitmap:
      scheme = .bitmap(
        BitmapScheme(allocator: BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: .lazy))
      )
    case .strictBitmap:
      scheme = .bitmap(
        BitmapScheme(
          allocator: BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: .strict)))
    case .strictTree: scheme = .strict(StrictScheme(allocator: tree()))
    case .queueTree:
      scheme = .queue(
        QueueScheme(
          allocator: tree(), rings: 1, entries: SyntheticKernel.queueEntries,
          timeout: .milliseconds(1_000)))
    }
    issuer.invalidate = { [unowned self] in endGlobal() }
  }

  private func endGlobal() {
    switch scheme {
    case .bitmap(let scheme):
      scheme.endGlobalInvalidation(scheme.beginGlobalInvalidation(), on: Self.cpu)
    case .strict: break
    case .queue(let scheme):
      scheme.endGlobalInvalidation(scheme.beginGlobalInvalidation(), on: Self.cpu)
    }
  }

  func allocate(_ pages: UInt64) -> UInt64? {
    do throws(IOVAAllocationError) {
      let range =
        switch scheme {
        case .bitmap(let scheme):
          try scheme.allocate(
            IOVARequest(pages: PageCount(pages), boundaryMask: 0xffff_ffff), on: Self.cpu,
            issuer: issuer)
        case .strict(let scheme):
          try scheme.allocate(
            IOVARequest(pages: PageCount(pages)), on: Self.cpu, issuer: issuer)
        case .queue(let scheme):
          try scheme.allocate(
            IOVARequest(pages: PageCount(pages)), on: Self.cpu, issuer: issuer)
        }
      return range.first.rawValue / 4_096
    } catch {
      return nil
    }
  }

  func retire(_ first: UInt64, _ pages: UInt64) {
    let range = IOVARange(first: IOVA(first * 4_096), byteCount: pages * 4_096)!
    let now = issuer.now()
    switch scheme {
    case .bitmap(let scheme): scheme.retire(range, since: now, on: Self.cpu, issuer: issuer)
    case .strict(let scheme):
      scheme.retire(range, since: now, on: Self.cpu, issuer: issuer)
      if let due = scheme.allocator.nextUpkeep(now: now), issuer.depotDue == nil {
        issuer.arm(.depot, after: due.since(now), .coarse)
      }
    case .queue(let scheme): scheme.retire(range, since: now, on: Self.cpu, issuer: issuer)
    }
  }

  /// The next timer's moment, which becomes the present, if there is one until `time`.
  func timerDue(notAfter time: UInt64) -> UInt64? {
    let due = min(issuer.depotDue ?? .max, issuer.queueDue ?? .max)
    if due > time { return nil }
    issuer.time = due
    return due
  }

  /// Lets the timer that is due go off; `true` where everything was refreshed.
  func fire() -> Bool {
    if issuer.depotDue == issuer.time {
      issuer.depotDue = nil
      switch scheme {
      case .bitmap: break
      case .strict(let scheme):
        scheme.allocator.upkeep(now: issuer.now())
        if let due = scheme.allocator.nextUpkeep(now: issuer.now()) {
          issuer.arm(.depot, after: due.since(issuer.now()), .coarse)
        }
      case .queue(let scheme): scheme.timerFired(.depot, on: Self.cpu, issuer: issuer)
      }
      return false
    }
    issuer.queueDue = nil
    if case .queue(let scheme) = scheme {
      scheme.timerFired(.queue, on: Self.cpu, issuer: issuer)
    }
    return !issuer.takeGlobals().isEmpty
  }
}

/// Hardware and timers of a ``SyntheticKernel``.
final class SyntheticIssuer: InvalidationIssuer {
  static let wheel = NaiveWheel(tick: 10_000_000, phase: 0)
  var invalidate: (() -> Void)?
  var time: UInt64 = 0
  var queueDue: UInt64?
  var depotDue: UInt64?
  private var globals = 0

  func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool { true }

  func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    globals += 1
    invalidate?()
    return true
  }

  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {
    switch purpose {
    case .queue: queueDue = Self.wheel.expiry(setAt: time, timeout: timeout.rawValue)
    case .depot: depotDue = Self.wheel.expiry(setAt: time, timeout: timeout.rawValue)
    case .age, .parked: break
    }
  }

  func quarantine(_ range: IOVARange) {}
  func account(freed pages: UInt64, oldest since: Instant) {}
  func now() -> Instant { Instant(nanoseconds: time) }

  func takeGlobals() -> Range<Int> {
    defer { globals = 0 }
    return 0..<globals
  }
}
