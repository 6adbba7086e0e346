/// Everything that tells one machine from another: sizes, what translates, and what things cost.
///
/// Times are whole nanoseconds, or picoseconds where one unit of work takes less than a
/// nanosecond. ``validate()`` says whether a machine can be built from it.
public struct MachineDescription: Equatable, Sendable, Codable {
  /// What the machine is called.
  public var name: String
  /// The number of processors.
  public var cpus: Int
  /// The size of memory in bytes; table memory and a mebibyte of low storage are part of it.
  public var memoryBytes: UInt64
  /// The part of memory that translation tables come from, in bytes.
  public var tableMemoryBytes: UInt64
  /// The lowest address that a function can use for DMA (`sdma` of CLP's query function).
  public var apertureFirst: UInt64
  /// The number of bytes that a function can use for DMA from there.
  public var apertureBytes: UInt64
  /// Who translates the devices' addresses.
  public var translation: TranslationKind
  /// Whether a function may be let through to memory untranslated (`rtr` of CLP's query group).
  public var allowsIdentity: Bool
  /// The number of ticks of the kernel's timers in a second.
  public var timerHertz: UInt64
  /// How workloads go on this machine.
  public var pacing: Pacing
  /// What work costs in thousandths of an instruction; zero throughout where that is not known.
  public var instructions: WorkTable<UInt64>
  /// What happens to buffers that are given back.
  public var freedBuffers: FreedBuffers
  /// What refreshing translations costs.
  public var refresh: RefreshCosts
  /// What interrupts cost.
  public var interrupts: InterruptCosts
  /// What instructions and software cost.
  public var costs: ProcessorCosts
  /// How fast the NVMe device is.
  public var nvme: NVMeService

  /// A machine with one processor, 1 GiB of memory and of aperture, and a shadowing hypervisor.
  ///
  /// The costs are plausible round numbers, not those of any machine.
  public init(name: String) {
    self.name = name
    cpus = 1
    memoryBytes = 1 << 30
    tableMemoryBytes = 64 << 20
    apertureFirst = 1 << 32
    apertureBytes = 1 << 30
    translation = .shadowed
    allowsIdentity = false
    timerHertz = 100
    pacing = .continuous
    instructions = WorkTable(repeating: 0)
    freedBuffers = .kept
    refresh = RefreshCosts()
    interrupts = InterruptCosts()
    costs = ProcessorCosts()
    nvme = NVMeService()
  }
}

/// How workloads go on a machine.
public enum Pacing: String, Sendable, Codable {
  /// Each completion submits the next request in its place, as applications do.
  case continuous
  /// As many requests as the workload has in flight, one doorbell, and the next ones when all are
  /// done, as the image for IBM Z does. What is counted does not depend on how fast anything is;
  /// how long anything takes is not modelled.
  case rounds
}

/// Who translates the devices' addresses.
public enum TranslationKind: String, Sendable, Codable {
  /// A hypervisor's shadow of the guest's table, which only a refresh changes; refreshes trap, and
  /// are needed when a translation is made too.
  case shadowed
  /// The hardware, which walks the guest's table and caches what it found until a refresh.
  case direct
}

extension FreedBuffers: Codable {}

/// What refreshing translations (RPCIT) costs.
public struct RefreshCosts: Equatable, Sendable, Codable {
  /// Shadowed: the trap into the hypervisor and back, a refresh; one refresh runs at a time.
  public var trapNanoseconds: UInt64 = 2_000
  /// Shadowed: comparing a page's entry with its shadow, a page of the range.
  public var pageScannedPicoseconds: UInt64 = 100_000
  /// Shadowed: visiting a lowest-level table of the guest in the range, besides its pages.
  public var tableScannedPicoseconds: UInt64 = 0
  /// Shadowed: what is done where the guest has no lowest-level table.
  public var absentTables = AbsentTableRule.scanned
  /// Shadowed: pinning or unpinning a page whose translation changed.
  public var pageChangedPicoseconds: UInt64 = 500_000
  /// Shadowed: the greatest number of pages that can be pinned at once; `nil` for no limit.
  public var pinnedPagesMax: UInt64?
  /// Direct: a refresh of any range; those of several processors run side by side.
  public var flushNanoseconds: UInt64 = 500

  /// Round numbers.
  public init() {}
}

/// What a hypervisor does with a refresh's addresses where the guest has no lowest-level table.
public enum AbsentTableRule: String, Sendable, Codable {
  /// It looks at each page all the same, as QEMU does for RPCIT (`rpcit_service_call`).
  case scanned
  /// It passes over them at once, as QEMU does for VT-d (hw/i386/intel_iommu.c,
  /// `vtd_page_walk_level`): a refresh costs by what is there.
  case skipped
}

/// What interrupts cost.
public struct InterruptCosts: Equatable, Sendable, Codable {
  /// From a device's message to the first instruction of the handler on an idle processor.
  public var latencyNanoseconds: UInt64 = 3_000
  /// What the processor spends on entering and leaving a handler.
  public var entryNanoseconds: UInt64 = 500

  /// Round numbers.
  public init() {}
}

/// What instructions and pieces of software cost a processor.
///
/// The machine charges instructions, shared loads, copies and clock reads itself. The costs of
/// software are charged by whoever runs it, with ``Machine/charge(picoseconds:)``.
public struct ProcessorCosts: Equatable, Sendable, Codable {
  /// CLP, MPCIFC, STPCIFC: an instruction of set-up.
  public var controlNanoseconds: UInt64 = 5_000
  /// PCILG: a load from a device.
  public var loadNanoseconds: UInt64 = 1_000
  /// PCISTG: a store to a device.
  public var storeNanoseconds: UInt64 = 200
  /// PCISTB: a block store to a device.
  public var storeBlockNanoseconds: UInt64 = 300
  /// Reading a value that a device may have written.
  public var sharedLoadPicoseconds: UInt64 = 5_000
  /// Reading the clock.
  public var clockPicoseconds: UInt64 = 20_000
  /// Copying a byte, for bounce buffers.
  public var copyPicosecondsPerByte: UInt64 = 100
  /// Software: one request through the layers above the driver, submission side.
  public var submitPicoseconds: UInt64 = 2_000_000
  /// Software: one request through the layers above the driver, completion side.
  public var completePicoseconds: UInt64 = 1_000_000
  /// Software: one instruction of mapping and unmapping; how many a policy needs was measured.
  public var instructionPicoseconds: UInt64 = 250
  /// Software: one step down a tree of addresses.
  public var treeStepPicoseconds: UInt64 = 5_000
  /// Software: one entry put into, or drained from, a queue of stale addresses.
  public var queueEntryPicoseconds: UInt64 = 20_000
  /// Software: scanning one word of a bitmap of addresses.
  public var bitmapWordPicoseconds: UInt64 = 500
  /// Software: looking at one word of 64 pages for stale ones next to a range.
  public var neighbourWordPicoseconds: UInt64 = 26_000
  /// Software: beginning and ending a range invalidation of stale pages, and freeing these.
  public var rangeBegunPicoseconds: UInt64 = 312_000

  /// Round numbers.
  public init() {}
}

/// How fast an NVMe device serves commands.
public struct NVMeService: Equatable, Sendable, Codable {
  /// From the doorbell, or the end of the last fetch, to a fetched command.
  public var fetchNanoseconds: UInt64 = 500
  /// From fetched to done for a read, while the medium is free.
  public var readNanoseconds: UInt64 = 60_000
  /// From fetched to done for a write, while the medium is free.
  public var writeNanoseconds: UInt64 = 15_000
  /// From fetched to done for a flush.
  public var flushNanoseconds: UInt64 = 20_000
  /// The number of commands that are served side by side.
  public var channels: Int = 64
  /// Moving a byte over the bus; transfers of one device do not overlap.
  public var transferPicosecondsPerByte: UInt64 = 150
  /// The share by which service times vary at random, up and down, in thousandths.
  public var jitterThousandths: UInt64 = 100

  /// Round numbers.
  public init() {}
}
