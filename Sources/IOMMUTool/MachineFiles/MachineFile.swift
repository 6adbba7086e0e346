import IOMMU

/// A machine as its YAML file describes it: every number that an experiment depends on.
///
/// Having one proves that each key was present, of the right kind and within its range, and that
/// the aperture is whole pages that do not pass the top of the address space.
struct MachineFile: Equatable, Sendable {
  /// What the machine is called in results.
  var name = ""
  /// What it stands for, in a sentence.
  var description = ""

  /// The number of processors.
  var cpus: UInt64 = 0
  /// Timer interrupts per second: no timeout ends between two of them.
  var timerHertz: UInt64 = 0
  /// The size of memory.
  var memoryBytes: UInt64 = 0

  /// The lowest address that a device can use for DMA.
  var apertureFirst: UInt64 = 0
  /// The number of bytes from there on.
  var apertureBytes: UInt64 = 0

  /// Whether a hypervisor keeps a shadow of the translation table.
  var isShadowed = false
  /// Whether a new translation must be announced by a refresh before the device can use it.
  var isRefreshRequired = false

  /// The cost of one RPCIT whatever its range, in picoseconds: the trap into the hypervisor.
  var rpcitTrapPicoseconds: UInt64 = 0
  /// The cost of each page that it looks at, in picoseconds.
  var rpcitPageScannedPicoseconds: UInt64 = 0
  /// The cost of each page whose translation it finds changed, in picoseconds, on top.
  var rpcitPageChangedPicoseconds: UInt64 = 0
  /// Whether the hypervisor works on one RPCIT at a time.
  var isRPCITSerialized = false
  /// The number of pages that it can pin for the function; `nil` where there is no limit.
  var rpcitMaxPinnedPages: UInt64?

  /// The processor's time for one input or output without mapping, in picoseconds.
  var cpuPerIOPicoseconds: UInt64 = 0
  /// The time for one step down the tree of the tree allocator, in picoseconds.
  var cpuTreeStepPicoseconds: UInt64 = 0
  /// The time for one instruction of our own code, in picoseconds.
  var cpuInstructionPicoseconds: UInt64 = 0

  /// The device's time to read one block, in picoseconds.
  var nvmeReadLatencyPicoseconds: UInt64 = 0
  /// How far that time strays either way, in thousandths of it.
  var nvmeJitterPerMille: UInt64 = 0
  /// The number of commands that the device works on at once.
  var nvmeParallelism: UInt64 = 0
  /// The time from completion to the driver's interrupt handler, in picoseconds.
  var interruptLatencyPicoseconds: UInt64 = 0
}

/// What is wrong with a machine file, and where.
struct MachineFileError: Error, Equatable {
  /// The line, from 1.
  let line: Int
  /// The character in it, from 1.
  let column: Int
  /// What was expected there and what was found, in one line.
  let message: String

  init(line: Int, column: Int, _ message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}
