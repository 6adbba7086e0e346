import IOMMU
import Testing
import ZPCI

@testable import MachineModel

struct RefreshTests {
  @Test func aShadowChangesByARefreshAlone() throws {
    let rig = try Rig()
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    #expect(rig.refresh(rig.first, pages: 1) == .success)
    rig.deviceWrites(1, at: rig.first)
    #expect(rig.word(0) == 1)
    // The entry changes and nobody says so: the device goes on with the old page.
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue + 4_096)
    rig.deviceWrites(2, at: rig.first)
    #expect(rig.word(0) == 2)
    #expect(rig.word(4_096) == 0)
    try rig.table.unmap(rig.first)
    rig.deviceWrites(3, at: rig.first)
    #expect(rig.word(0) == 3)
    #expect(rig.machine.pinnedPages(of: 0) == 1)
    #expect(rig.refresh(rig.first, pages: 1) == .success)
    #expect(rig.machine.pinnedPages(of: 0) == 0)
    rig.deviceWrites(4, at: rig.first)
    #expect(rig.word(0) == 3)
    #expect(rig.device.faults == [.translation(IOVA(rig.first), .notShadowed)])
  }

  @Test func withoutAShadowTheHardwareWalksAndKeepsWhatItFound() throws {
    let rig = try Rig(Rig.small(.direct))
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    rig.deviceWrites(1, at: rig.first)
    #expect(rig.word(0) == 1)
    try rig.table.unmap(rig.first)
    rig.deviceWrites(2, at: rig.first)
    #expect(rig.word(0) == 2)
    // A refresh of another page leaves this one cached.
    #expect(rig.refresh(rig.first + 4_096, pages: 1) == .success)
    rig.deviceWrites(3, at: rig.first)
    #expect(rig.word(0) == 3)
    #expect(rig.refreshAll() == .success)
    rig.deviceWrites(4, at: rig.first)
    #expect(rig.word(0) == 3)
    #expect(rig.device.faulted == 1)
    #expect(rig.machine.condition(of: 0) == .error)
  }

  @Test func aShadowedRefreshCostsTrapScanAndChange() throws {
    let rig = try Rig()
    try rig.start()
    for page in 0..<10 as Range<UInt64> {
      try rig.table.map(rig.first + page * 4_096, to: rig.buffer.first.rawValue)
    }
    func cost(_ body: () -> InstructionResult) -> UInt64 {
      let start = rig.machine.currentTime
      #expect(body() == .success)
      return rig.machine.currentTime.since(start).rawValue
    }
    // 1,000 ns a trap, 10 ns a page scanned, 100 ns a page changed.
    #expect(cost { rig.refresh(rig.first, pages: 4) } == 1_000 + 4 * 10 + 4 * 100)
    #expect(cost { rig.refreshAll() } == 1_000 + 1_024 * 10 + 6 * 100)
    #expect(cost { rig.refreshAll() } == 1_000 + 1_024 * 10)
    let totals = rig.machine.totals(of: 0).refreshes
    #expect(totals.range == 1)
    #expect(totals.global == 2)
    #expect(totals.pagesScanned == 4 + 2 * 1_024)
    #expect(totals.pagesChanged == 10)
    #expect(totals.nanoseconds == 3 * 1_000 + 2_052 * 10 + 10 * 100)
    #expect(totals.nanosecondsWaited == 0)
  }

  @Test func fractionsOfAPagesCostAddUpOverRefreshes() throws {
    var description = Rig.small()
    description.refresh.trapNanoseconds = 0
    description.refresh.pageScannedPicoseconds = 333
    let rig = try Rig(description)
    try rig.start()
    let start = rig.machine.currentTime
    for _ in 0..<1_000 { #expect(rig.refresh(rig.first, pages: 1) == .success) }
    #expect(rig.machine.currentTime.since(start) == Nanoseconds(333))
  }

  @Test func withoutAShadowARefreshCostsAFixedTime() throws {
    let rig = try Rig(Rig.small(.direct))
    try rig.start()
    let start = rig.machine.currentTime
    #expect(rig.refresh(rig.first, pages: 4) == .success)
    #expect(rig.refreshAll() == .success)
    #expect(rig.machine.currentTime.since(start) == Nanoseconds(600))
  }

  @Test(arguments: [TranslationKind.shadowed, .direct])
  func refreshesOfSeveralProcessorsWaitForOneAnotherOnlyUnderAHypervisor(
    kind: TranslationKind
  ) throws {
    var description = Rig.small(kind)
    description.cpus = 4
    let rig = try Rig(description)
    try rig.start()
    let start = Instant(nanoseconds: rig.machine.currentTime.nanoseconds + 1_000)
    var ends: [UInt64] = []
    for cpu in 0..<4 {
      rig.machine.spawn(on: CPUIndex(cpu), at: start) {
        #expect(rig.refresh(rig.first, pages: 10, on: CPUIndex(cpu)) == .success)
        ends.append(rig.machine.currentTime.since(start).rawValue)
      }
    }
    rig.machine.run(while: { true })
    #expect(ends == (kind == .shadowed ? [1_100, 2_200, 3_300, 4_400] : [300, 300, 300, 300]))
    let waited = rig.machine.totals(of: 0).refreshes.nanosecondsWaited
    #expect(waited == (kind == .shadowed ? 1_100 * (1 + 2 + 3) : 0))
  }

  @Test func aProcessorUsesTheHypervisorBetweenTwoRefreshesOfAnother() throws {
    var description = Rig.small()
    description.cpus = 2
    let rig = try Rig(description)
    try rig.start()
    let start = Instant(nanoseconds: rig.machine.currentTime.nanoseconds + 1_000)
    var end: UInt64 = 0
    rig.machine.spawn(on: CPUIndex(0), at: start) {
      _ = rig.refresh(rig.first, pages: 10, on: CPUIndex(0))
      rig.machine.charge(Nanoseconds(5_000))
      _ = rig.refresh(rig.first, pages: 10, on: CPUIndex(0))
    }
    rig.machine.spawn(on: CPUIndex(1), at: start) {
      _ = rig.refresh(rig.first, pages: 10, on: CPUIndex(1))
      end = rig.machine.currentTime.since(start).rawValue
    }
    rig.machine.run(while: { true })
    #expect(end == 2_200)
  }

  @Test func pagesBeyondTheLimitAreRefusedUntilOthersAreGivenBack() throws {
    var description = Rig.small()
    description.refresh.pinnedPagesMax = 4
    let rig = try Rig(description)
    try rig.start()
    let full = InstructionResult(conditionCode: 1, status: 16)
    for page in 10..<14 as Range<UInt64> {
      try rig.table.map(rig.first + page * 4_096, to: rig.buffer.first.rawValue)
    }
    #expect(rig.refresh(rig.first + 10 * 4_096, pages: 4) == .success)
    for page in 0..<3 as Range<UInt64> {
      try rig.table.map(rig.first + page * 4_096, to: rig.buffer.first.rawValue)
    }
    #expect(rig.refresh(rig.first, pages: 3) == full)
    #expect(rig.machine.pinnedPages(of: 0) == 4)
    // Three of the old pages go, at higher addresses: a global refresh meets the new ones first,
    // and takes them up in its second pass.
    for page in 10..<13 as Range<UInt64> { try rig.table.unmap(rig.first + page * 4_096) }
    #expect(rig.refreshAll() == .success)
    #expect(rig.machine.pinnedPages(of: 0) == 4)
    rig.deviceWrites(5, at: rig.first + 2 * 4_096)
    #expect(rig.word(0) == 5)
    let totals = rig.machine.totals(of: 0).refreshes
    #expect(totals.failed == 1)
    #expect(totals.outOfResources == 1)
    #expect(totals.global == 1)
  }

  @Test func aMalformedEntryPutsTheFunctionIntoErrorState() throws {
    let rig = try Rig()
    try rig.start()
    rig.machine.memory.storeEntry(0, at: try rig.table.leafSlot(rig.first + 5 * 4_096))
    #expect(rig.refreshAll() == InstructionResult(conditionCode: 1, status: 8))
    #expect(rig.machine.condition(of: 0) == .error)
    let event = rig.machine.takeErrorEvent()
    #expect(event?.code == .invalidTableEntry)
    #expect(event?.address == rig.first + 5 * 4_096)
    #expect(rig.machine.takeErrorEvent() == nil)
    #expect(rig.refreshAll() == InstructionResult(conditionCode: 1, status: 40))
  }

  @Test func aRefreshOutsideTheRegistrationIsAnError() throws {
    let rig = try Rig()
    try rig.start()
    #expect(rig.refresh(0, pages: 1) == InstructionResult(conditionCode: 1, status: 8))
    #expect(rig.machine.takeErrorEvent()?.code == .outOfRange)
  }

  @Test func aRefreshWithoutATableIsAnError() throws {
    let rig = try Rig()
    try rig.start()
    #expect(rig.modify(.deregisterTranslation) == .success)
    #expect(rig.refreshAll() == InstructionResult(conditionCode: 1, status: 8))
    #expect(rig.machine.takeErrorEvent()?.code == .invalidAddressSpace)
  }

  @Test func deviceEventsBeforeARefreshSeeTheOldTranslation() throws {
    let rig = try Rig()
    try rig.start()
    try rig.table.map(rig.first, to: rig.buffer.first.rawValue)
    _ = rig.refresh(rig.first, pages: 1)
    _ = rig.write(rig.first, register: 0)
    _ = rig.write(9, register: 8)
    _ = rig.write(2, register: 16)
    // The transfer is due in 10 µs; the processor gets there before it drops the translation.
    rig.machine.charge(Nanoseconds(10_000))
    try rig.table.unmap(rig.first)
    _ = rig.refresh(rig.first, pages: 1)
    #expect(rig.device.done == 1)
    _ = rig.write(2, register: 16)
    rig.machine.charge(Nanoseconds(9_000))
    _ = rig.machine.now()
    #expect(rig.device.done + rig.device.faulted == 1)
  }
}
