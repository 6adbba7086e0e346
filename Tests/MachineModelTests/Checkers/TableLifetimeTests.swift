import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Promise 4: a table is freed only after an invalidation that covers it, and all come back.
struct TableLifetimeTests {
  private static func bench(
    _ kind: TranslationKind, functions: Int = 1
  ) throws -> StackBench<S390ThreeLevel, StrictScheme<TreeAllocator>> {
    try StackBench(
      kind, format: S390ThreeLevel.self, promise: .atUnmap, functions: functions
    ) { StrictScheme(allocator: $0.tree) }
  }

  private static let kinds = [TranslationKind.shadowed, .direct]

  @Test(arguments: kinds) func aLeafTableThatIsFreedWithoutAnInvalidationFires(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind)
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    #expect(unlinked.count == 1)
    bench.domain.table.free(unlinked)
    bench.expect(broken: [.tableLifetime])
  }

  @Test(arguments: kinds) func anInvalidationBeforeTheUnlinkingDoesNotCoverIt(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind)
    _ = try bench.mapAndUnmap(try bench.buffer())
    try bench.controls[0].invalidateAll(on: .boot)
    bench.domain.table.free(bench.domain.table.unlinkEmptyTables(limit: .max))
    bench.expect(broken: [.tableLifetime])
  }

  @Test(arguments: kinds) func anInvalidationOfPartOfItsSpanDoesNotCoverIt(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind)
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    let range = unlinked.range
    let span = try #require(range)
    let part = IOVARange(first: span.first, last: IOVA(span.last.rawValue - 4_096))!
    try bench.controls[0].invalidate(part, on: .boot)
    bench.domain.table.free(unlinked)
    bench.expect(broken: [.tableLifetime])
  }

  @Test(arguments: kinds) func anInvalidationOnOneFunctionDoesNotCoverAnother(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind, functions: 2)
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    try bench.controls[1].invalidateAll(on: .boot)
    bench.domain.table.free(unlinked)
    bench.expect(broken: [.tableLifetime])
  }

  @Test(arguments: kinds, [1, 2]) func anInvalidationOfTheSpanOnEveryFunctionCoversIt(
    _ kind: TranslationKind, functions: Int
  ) throws {
    let bench = try Self.bench(kind, functions: functions)
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    let range = unlinked.range
    let span = try #require(range)
    for control in bench.controls { try control.invalidate(span, on: .boot) }
    bench.domain.table.free(unlinked)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: kinds) func aFunctionThatLeftNeedsNoInvalidation(_ kind: TranslationKind) throws
  {
    let bench = try Self.bench(kind, functions: 2)
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    bench.group.release(bench.members[1], on: .boot)
    try bench.controls[0].invalidateAll(on: .boot)
    bench.domain.table.free(unlinked)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: kinds) func aTableThatIsFreedWhileItIsLinkedFires(_ kind: TranslationKind) throws
  {
    let bench = try Self.bench(kind)
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    let leaf = try #require(bench.tables.out.last)
    // The memory keeps its table, for the domain has to give it back.
    bench.checkers.tableFreed(leaf, time: bench.machine.currentTime)
    bench.expect(broken: [.tableLifetime])
    bench.domain.unmap(mapping, on: .boot)
  }

  @Test func aRootThatIsFreedWhileItIsRegisteredFires() throws {
    let bench = try Self.bench(.direct)
    let root = try #require(bench.tables.out.first)
    bench.checkers.tableFreed(root, time: bench.machine.currentTime)
    bench.expect(broken: [.tableLifetime])
  }

  @Test func aTableThatNeverComesBackFires() throws {
    let bench = try Self.bench(.shadowed)
    _ = try bench.machine.memory.allocateTable(byteCount: 2_048, alignmentLog2: 11)
    bench.finish()
    bench.expect(broken: [.tableLifetime])
  }

  @Test(arguments: kinds) func tablesThatComeAndGoUnderTheDomainsOwnCareAreFine(
    _ kind: TranslationKind
  ) throws {
    let bench = try Self.bench(kind)
    let buffers = try (0..<3).map { _ in try bench.buffer(pages: 200) }
    for _ in 0..<3 {
      let held = try buffers.map {
        HeldMapping(try bench.domain.map($0, FromDevice.self, on: .boot))
      }
      for mapping in held { mapping.unmap(from: bench.domain) }
      // Each flush unlinks one table of its own, and frees it.
      for left in [2, 1, 0] {
        #expect(bench.domain.flushAll(.timeout, on: .boot))
        #expect(bench.domain.table.emptyTableCount == left)
        #expect(bench.domain.table.tablesUnlinked == 0)
      }
    }
    bench.finish()
    bench.expect(broken: [])
    #expect(bench.machine.memory.tableBytesInUse == 0)
  }

  /// Found by a simulation with an aperture that ends in the middle of a table's span.
  @Test(arguments: [TranslationKind.shadowed, .direct])
  func aTableAtTheEndOfTheApertureIsCoveredByItsPartOfTheSpan(
    _ kind: TranslationKind
  ) throws {
    let bench = try StackBench(
      kind, format: S390ThreeLevel.self, promise: .atUnmap
    ) { all in
      let first = IOVA(all.first.rawValue + 4_096)
      return StrictScheme(allocator: IOVARange(first: first, byteCount: (512 - 7) << 12)!.tree)
    }
    _ = try bench.mapAndUnmap(try bench.buffer())
    let unlinked = bench.domain.table.unlinkEmptyTables(limit: .max)
    let range = unlinked.range
    let span = try #require(range)
    #expect(span.byteCountMinusOne < 0xf_ffff)
    try bench.controls[0].invalidate(span, on: .boot)
    bench.domain.table.free(unlinked)
    bench.expect(broken: [])
  }
}

/// A mapping in a place that can be copied, taken out once.
final class HeldMapping {
  private var mapping: Mapping<FromDevice>?

  init(_ mapping: consuming Mapping<FromDevice>) {
    self.mapping = consume mapping
  }

  func unmap<Domain: DMADomain>(from domain: Domain) {
    guard let taken = mapping.take() else { return }
    domain.unmap(taken, on: .boot)
  }
}
