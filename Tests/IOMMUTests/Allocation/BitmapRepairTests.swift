import TestSupport
import Testing

@testable import IOMMU

@Suite("Bitmap allocators that follow another one")
struct BitmapRepairTests {
  private static let base: UInt64 = 1 << 20
  private static let pages: UInt64 = 300

  private enum Page {
    case free
    case busy
    case stale
  }

  private static func range(_ first: UInt64, _ pages: UInt64) -> IOVARange {
    IOVARange(knownPage: base + first, count: pages, of: .fourKiB)
  }

  @Test(
    "claim what they like, each page is in one state and none is lost",
    arguments: [BitmapAllocator.Mode.lazy, .strict], [1, 2, 3] as [UInt64])
  func random(_ mode: BitmapAllocator.Mode, _ seed: UInt64) throws {
    let allocator = BitmapAllocator(
      aperture: Self.range(0, Self.pages), granule: .fourKiB, mode: mode)
    var random = SplitMix64(seed: seed)
    var model = Array(repeating: Page.free, count: Int(Self.pages))
    var live: [Range<Int>] = []
    var outcomes: Set<BitmapClaim> = []
    func set(_ run: Range<Int>, _ state: Page) { for page in run { model[page] = state } }
    for step in 0..<20_000 {
      let size = Int(1 + random.next() % 9)
      switch random.next() % 6 {
      case 0, 1:
        let start = allocator.searchStart
        guard
          let range = try? allocator.allocate(
            IOVARequest(pages: PageCount(UInt64(size))), on: .boot)
        else {
          allocator.endGlobalInvalidation(allocator.beginGlobalInvalidation())
          for page in model.indices where model[page] == .stale { model[page] = .free }
          break
        }
        let first = Int(range.first.rawValue >> 12 - Self.base)
        let run = first..<(first + size)
        try #require(run.allSatisfy { model[$0] == .free }, "step \(step)")
        if random.next() % 4 == 0 {
          allocator.undo(range, searchStart: start)
          let back = allocator.searchStart
          #expect(back == start)
        } else {
          set(run, .busy)
          live.append(run)
        }
      case 2, 3:
        if live.isEmpty { break }
        let run = live.remove(at: Int(random.next() % UInt64(live.count)))
        let range = Self.range(UInt64(run.lowerBound), UInt64(run.count))
        if mode == .lazy {
          allocator.retire(range, at: Instant(nanoseconds: 1), on: .boot)
          set(run, .stale)
        } else {
          allocator.free(range, on: .boot)
          set(run, .free)
        }
      default:
        let first = Int(random.next() % (Self.pages - 9))
        let run = first..<(first + size)
        let states = run.map { model[$0] }
        let claim = allocator.claim(Self.range(UInt64(first), UInt64(size)))
        outcomes.insert(claim)
        switch claim {
        case .free: #expect(states.allSatisfy { $0 == .free })
        case .busy: #expect(states.contains(.busy) && !states.contains(.stale))
        case .stale: #expect(states.contains(.stale))
        case .outside: Issue.record("inside the aperture")
        }
        let next = allocator.searchStart
        #expect(next == UInt64(run.upperBound))
        // What was handed out is so no longer to its former owners.
        for other in live.filter({ $0.overlaps(run) }) {
          for page in other where !run.contains(page) {
            allocator.free(Self.range(UInt64(page), 1), on: .boot)
            model[page] = .free
          }
        }
        live.removeAll { $0.overlaps(run) }
        set(run, .busy)
        live.append(run)
      }
    }
    #expect(outcomes == (mode == .lazy ? [.free, .busy, .stale] : [.free, .busy]))
    for run in live {
      allocator.free(Self.range(UInt64(run.lowerBound), UInt64(run.count)), on: .boot)
    }
    var count = 0
    // A lazy one asks for an invalidation at its end, before it starts from the front again.
    for _ in 0..<2 {
      allocator.endGlobalInvalidation(allocator.beginGlobalInvalidation())
      while (try? allocator.allocate(IOVARequest(pages: PageCount(1)), on: .boot)) != nil {
        count += 1
      }
    }
    // Linux's search never hands out the last page.
    #expect(count >= Int(Self.pages) - 1)
    let outside = allocator.claim(Self.range(5_000, 2))
    #expect(outside == .outside)
  }
}
