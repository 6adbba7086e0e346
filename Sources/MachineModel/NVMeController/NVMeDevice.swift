import DequeModule
import IOMMU
import NVMe

/// An NVM Express controller with one namespace, as its registers and its accesses to memory show
/// it.
///
/// Commands are fetched one after the other, round robin over the queues; they are served by
/// ``NVMeService/channels`` units side by side and wait while all are busy; data moves over one
/// bus. Completions come in the order of time. All times come from the seed's stream `nvme`.
///
/// A refused access to memory ends as on QEMU: a fetch or a completion that fails sets CSTS.CFS and
/// ends all fetching and completing until the controller is reset (hw/nvme/ctrl.c,
/// `nvme_process_sq` and `nvme_post_cqes`); a command whose data fails is completed with Data
/// Transfer Error, which the function in error state does not let through. So the driver sees no
/// completion.
///
/// | feature | |
/// |---|---|
/// | admin commands | Identify (CNS 0, 1, 2), create and delete queues, number of queues |
/// | I/O commands | Read, Write, Flush, with PRPs |
/// | queues | contiguous, of 4 KiB pages, round robin |
/// | interrupts | MSI-X, a message for each completion |
///
/// What is not in the table is answered with an error status.
public final class NVMeDevice: DeviceModel {
  /// How fast it is.
  public let service: NVMeService
  /// What it offers.
  public let geometry: NVMeGeometry
  /// What it has stored; survives resets.
  public internal(set) var media: NVMeMedia
  /// What happened to it since it was made.
  public internal(set) var totals = NVMeTotals()

  unowned var environment: any DeviceEnvironment
  var random = RandomStream(seed: 0, name: "nvme")

  var configuration: UInt32 = 0
  var status: UInt32 = 0
  var adminAttributes: UInt32 = 0
  var adminSubmission: UInt64 = 0
  var adminCompletion: UInt64 = 0

  var submissions: [NVMeSubmissionQueue?]
  var completions: [NVMeCompletionQueue?]
  /// The queue that the next fetch looks at first.
  var nextQueue = 0
  var fetchEvent: EventID?
  var readyEvent: EventID?

  var works: [NVMeWork] = []
  var freeWorks: [Int] = []
  var waitingWorks = Deque<Int>()
  var busyChannels = 0
  /// When the bus has moved everything that it was given.
  var busFree: UInt64 = 0
  /// One transfer's bytes, as words of memory.
  var scratch: [UInt64]

  /// A device that was just powered on.
  ///
  /// - Precondition: `geometry` and `service` keep to the ranges that they document.
  public init(service: NVMeService = NVMeService(), geometry: NVMeGeometry = NVMeGeometry()) {
    precondition((9...12).contains(geometry.blockLog2), "blocks have 512 to 4,096 bytes")
    precondition((1...63).contains(geometry.queues), "a device has 1 to 63 queues of a kind")
    precondition((2...65_536).contains(geometry.entries), "a queue has 2 to 65,536 entries")
    precondition((1...9).contains(geometry.transferPagesLog2), "a transfer has 2 to 512 pages")
    precondition(service.channels > 0, "a device has a channel")
    self.service = service
    self.geometry = geometry
    media = NVMeMedia(blockLog2: geometry.blockLog2)
    submissions = Array(repeating: nil, count: geometry.queues + 1)
    completions = Array(repeating: nil, count: geometry.queues + 1)
    scratch = Array(repeating: 0, count: geometry.transferBytes / 8)
    environment = Unconnected.shared
  }

  /// A controller of QEMU's vendor: mass storage, non-volatile memory, NVM Express.
  ///
  /// Class 01 08 02 is from the PCI Code and ID Assignment Specification, section 1.2; one vector a
  /// queue and one for the admin queue.
  public var identity: DeviceIdentity {
    DeviceIdentity(
      vendor: 0x1b36, device: 0x0010, classCode: 0x01_08_02, revision: 2,
      registerBytes: 0x4000, vectors: geometry.queues + 1)
  }

  /// Hands the device its world.
  public func connect(to environment: any DeviceEnvironment) {
    self.environment = environment
    random = environment.randomStream("nvme")
  }

  /// Does what is due: becoming ready, a fetch, or the next stage of a command.
  public func handleEvent(_ token: UInt64) {
    switch token {
    case Token.ready:
      readyEvent = nil
      status |= NVMeControllerStatus.ready
    case Token.fetch:
      fetchEvent = nil
      fetchNext()
    default:
      proceed(Int(token - Token.firstWork))
    }
  }

  /// Puts everything but the medium back to power-on; the machine has cancelled all events.
  public func reset() {
    fetchEvent = nil
    readyEvent = nil
    for index in works.indices { works[index].event = nil }
    stop()
    configuration = 0
    status = 0
    adminAttributes = 0
    adminSubmission = 0
    adminCompletion = 0
  }

  /// Whether it fetches and completes: ready, and without a fatal error.
  var isServing: Bool {
    status & (NVMeControllerStatus.ready | NVMeControllerStatus.fatal) == NVMeControllerStatus.ready
  }

  /// Forgets all queues and commands; no access to memory happens for them any more.
  func stop() {
    if let event = fetchEvent { environment.cancel(event) }
    if let event = readyEvent { environment.cancel(event) }
    fetchEvent = nil
    readyEvent = nil
    for index in works.indices where works[index].stage != .free {
      if let event = works[index].event { environment.cancel(event) }
      release(index)
    }
    waitingWorks.removeAll(keepingCapacity: true)
    busyChannels = 0
    busFree = 0
    nextQueue = 0
    for index in submissions.indices { submissions[index] = nil }
    for index in completions.indices { completions[index] = nil }
  }

  /// The meanings of an event's token.
  enum Token {
    static let ready: UInt64 = 0
    static let fetch: UInt64 = 1
    static let firstWork: UInt64 = 2
  }
}
