import TestSupport
import Testing

@testable import IOMMU

/// Giving in to another allocator's log, against sets of pages.
@Suite("Tree allocators that follow another one")
struct TreeRepairTests {
  private static let base: UInt64 = 1 << 20
  private static let cpus = 2

  private static func allocator(_ flavour: TreeFlavour, pages: UInt64) -> TreeAllocator {
    TreeAllocator(
      aperture: range(base, pages), granule: .fourKiB, flavour: flavour, cpus: cpus,
      forceDAC: true, capacity: 5_000)
  }

  private static func range(_ first: UInt64, _ pages: UInt64) -> IOVARange {
    IOVARange(knownPage: first, count: pages, of: .fourKiB)
  }

  @Test(
    "claim what they like, no page is handed out twice and none is lost",
    arguments: [TreeFlavour.linux6_1, .linux6_12], [1, 2, 3] as [UInt64])
  func random(_ flavour: TreeFlavour, _ seed: UInt64) throws {
    let pages: UInt64 = 2_048
    let allocator = Self.allocator(flavour, pages: pages)
    var random = SplitMix64(seed: seed)
    var live: [(first: UInt64, pages: UInt64)] = []
    // Pages that are handed out, in runs rounded up as the allocator does.
    var busy: Set<UInt64> = []
    var outcomes: Set<String> = []
    func whole(_ pages: UInt64) -> UInt64 { MagazineCache.roundedUp(pages) }
    func pagesOf(_ first: UInt64, _ count: UInt64) -> Set<UInt64> {
      Set(first..<(first + whole(count)))
    }
    for step in 0..<12_000 {
      let cpu = CPUIndex(Int(random.next() % 2))
      let size = [1, 1, 1, 2, 3, 8, 40][Int(random.next() % 7)] as UInt64
      switch random.next() % 8 {
      case 0, 1, 2:
        let isCached = allocator.hasCached(pages: size, on: cpu)
        guard
          let range = try? allocator.allocate(IOVARequest(pages: PageCount(size)), on: cpu)
        else { break }
        let first = range.first.rawValue >> 12
        try #require(busy.isDisjoint(with: pagesOf(first, size)), "step \(step)")
        if random.next() % 4 == 0 {
          allocator.undo(range, wasCached: isCached, on: cpu)
        } else {
          busy.formUnion(pagesOf(first, size))
          live.append((first, size))
        }
      case 3, 4, 5:
        if live.isEmpty { break }
        let run = live.remove(at: Int(random.next() % UInt64(live.count)))
        busy.subtract(pagesOf(run.first, run.pages))
        allocator.free(Self.range(run.first, run.pages), on: cpu)
      case 6:
        let mask = whole(size) < 64 ? whole(size).roundedUpToPowerOfTwo - 1 : 63
        let first = (Self.base + random.next() % (pages + 8)) & ~mask
        let claim = allocator.claim(Self.range(first, size), on: cpu)
        let wanted = pagesOf(first, size)
        let isInside = wanted.allSatisfy { $0 < Self.base + pages }
        switch claim {
        case .free, .cached:
          try #require(isInside && busy.isDisjoint(with: wanted), "step \(step)")
          busy.formUnion(wanted)
          live.append((first, size))
          outcomes.insert(claim == .free ? "free" : "cached")
        case .handedOut:
          try #require(!busy.isDisjoint(with: wanted), "step \(step)")
          outcomes.insert("handed out")
        case .outside:
          try #require(!isInside, "step \(step)")
          outcomes.insert("outside")
        case .waiting: Issue.record("no queue here")
        }
      default:
        allocator.upkeep(now: Instant(nanoseconds: UInt64(step) * 10_000_000))
        _ = allocator.nextUpkeep(now: Instant(nanoseconds: UInt64(step) * 10_000_000))
        if random.next() % 4 == 0 {
          allocator.reclaimNow(pages: size, now: Instant(nanoseconds: UInt64(step) * 10_000_000))
        }
      }
    }
    #expect(outcomes == ["free", "cached", "handed out", "outside"])
    // Everything that is free can be handed out: page by page, all that nobody holds.
    var pagesLeft = 0
    while let range = try? allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot) {
      try #require(busy.insert(range.first.rawValue >> 12).inserted)
      pagesLeft += 1
    }
    #expect(UInt64(busy.count) == pages)
    #expect(pagesLeft > 0)
  }

  @Test("a claim says where the run was: on top, under others, in the depot, elsewhere")
  func places() throws {
    let allocator = Self.allocator(.linux6_12, pages: 2_048)
    let other = CPUIndex(1)
    func claim(_ page: UInt64, _ pages: UInt64 = 1, on cpu: CPUIndex = .boot) -> TreeClaim {
      allocator.claim(Self.range(Self.base + page, pages), on: cpu)
    }
    for page in 0..<600 as Range<UInt64> { #expect(claim(page) == .free) }
    // The first 127 in the previous magazine, three times as many in the depot, 92 are loaded.
    for page in 0..<600 as Range<UInt64> {
      allocator.free(Self.range(Self.base + page, 1), on: .boot)
    }
    #expect(claim(599) == .cached(.loaded(under: 0)))
    #expect(claim(590) == .cached(.loaded(under: 8)))
    #expect(claim(598, on: other) == .cached(.elsewhere(cpu: 0)))
    #expect(claim(130, on: other) == .cached(.depot(under: 2)))
    #expect(claim(599) == .handedOut)
    #expect(claim(700) == .free)
    #expect(claim(5_000) == .outside)
    #expect(claim(702, 2) == .free)
    #expect(claim(703) == .handedOut)
  }

  @Test("undoing puts a run back where the next request finds it")
  func undo() throws {
    let allocator = Self.allocator(.linux6_12, pages: 256)
    let request = IOVARequest(pages: PageCount(4))
    let first = try allocator.allocate(request, on: .boot)
    allocator.undo(first, wasCached: false, on: .boot)
    let wasCached = allocator.hasCached(pages: 4, on: .boot)
    let second = try allocator.allocate(request, on: .boot)
    allocator.free(second, on: .boot)
    let isCached = allocator.hasCached(pages: 4, on: .boot)
    let third = try allocator.allocate(request, on: .boot)
    allocator.undo(third, wasCached: true, on: .boot)
    let fourth = try allocator.allocate(request, on: .boot)
    #expect(!wasCached && isCached)
    #expect([second, third, fourth] == [first, first, first])
  }

  @Test("a magazine that was given back is put together again, or not at all")
  func restore() throws {
    let allocator = Self.allocator(.linux6_12, pages: 4_096)
    let late = Instant(nanoseconds: 200_000_000)
    for page in 0..<800 as Range<UInt64> {
      _ = allocator.claim(Self.range(Self.base + page, 1), on: .boot)
    }
    for page in 0..<800 as Range<UInt64> {
      allocator.free(Self.range(Self.base + page, 1), on: .boot)
    }
    let tooEarly = allocator.reclaimable(now: late)
    #expect(tooEarly.isEmpty)
    _ = allocator.nextUpkeep(now: Instant(nanoseconds: 0))
    let magazines = allocator.reclaimable(now: late)
    let magazine = try #require(magazines.first)
    #expect(magazines.count == 1 && magazine.pages.count == 127)
    allocator.upkeep(now: late)
    let claim = allocator.claim(Self.range(magazine.pages[126], 1), on: .boot)
    let isRestored = allocator.restore(magazine, without: magazine.pages[126], on: .boot)
    // A second time its pages are in use, and nothing changes.
    let isRestoredAgain = allocator.restore(magazine, without: magazine.pages[126], on: .boot)
    #expect(claim == .free)
    #expect(isRestored && !isRestoredAgain)
    let next = try allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)
    #expect(next.first.rawValue >> 12 == magazine.pages[125])
    // None of the 800 pages and the rest is lost.
    var count = 2
    while (try? allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)) != nil {
      count += 1
    }
    #expect(count == 4_096)
  }

  @Test("a magazine that is loaded in the place of others loses none of their runs")
  func load() throws {
    let allocator = Self.allocator(.linux6_12, pages: 2_048)
    for page in 0..<1_000 as Range<UInt64> {
      _ = allocator.claim(Self.range(Self.base + page, 1), on: .boot)
    }
    for page in 0..<1_000 as Range<UInt64> {
      allocator.free(Self.range(Self.base + page, 1), on: .boot)
    }
    // Each claim from the depot displaces a part-filled magazine.
    var claimed: Set<UInt64> = []
    for page in [5, 200, 300, 450, 6, 201, 301, 451, 700] as [UInt64] {
      let claim = allocator.claim(Self.range(Self.base + page, 1), on: .boot)
      #expect(claim != .handedOut)
      claimed.insert(Self.base + page)
    }
    while let range = try? allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot) {
      try #require(claimed.insert(range.first.rawValue >> 12).inserted)
    }
    #expect(claimed.count == 2_048)
  }
}

extension UInt64 {
  fileprivate var roundedUpToPowerOfTwo: UInt64 {
    self <= 1 ? 1 : 1 << UInt64(64 - (self - 1).leadingZeroBitCount)
  }
}
