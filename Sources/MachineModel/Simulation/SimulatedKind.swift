/// What one step of a simulation does, or lets go wrong.
public enum SimulatedKind: Int, CaseIterable, Sendable {
  /// Maps one buffer.
  case map
  /// Maps a scatter list.
  case mapList
  /// Takes back a mapping, often on another processor.
  case unmap
  /// Maps, announces, uses and unmaps the same two buffers on two processors.
  case churn
  /// Announces what a processor mapped.
  case synchronize
  /// Takes a coherent buffer.
  case allocateCoherent
  /// Gives a coherent buffer back.
  case freeCoherent
  /// Drops a token, or hands it to a domain that it is not of.
  case drop
  /// A device uses an address that is mapped.
  case access
  /// A device uses an address that was given up.
  case accessStale
  /// A device uses any address.
  case accessAny
  /// A driver has a device move data later, by its registers.
  case transfer
  /// Time passes, and timers go off.
  case advance
  /// Everything is invalidated.
  case flush
  /// A blocked group gets a domain.
  case attach
  /// A group is blocked.
  case detach
  /// A group moves to another domain.
  case replace
  /// A user-space owner claims a group or gives it back.
  case claim
  /// A driver begins or ends to use a group.
  case use
  /// A device leaves for good.
  case release
  /// A function is found again, with a new device.
  case probe
  /// A device is put into the state that it was probed in.
  case reset
  /// A device in error state is brought back.
  case recover
  /// Another domain begins.
  case createDomain
  /// A domain ends.
  case destroyDomain
  /// Some of the next refreshes find no resources.
  case outOfResources
  /// Some of the next instructions find the machine busy.
  case busy
  /// The next refreshes, or one instruction, find the machine busy for longer than the driver asks.
  case refuse
  /// Some of the next tables cannot be had.
  case noTable
  /// All table memory but a little is taken by others, or given back.
  case scarcity
  /// A card is pulled, now or at an instruction to come.
  case unplug
  /// A device fails.
  case fail
  /// Completions come late from now on, or no more.
  case delay

  /// The name on the command line and in reports.
  public var name: String {
    switch self {
    case .mapList: "map-list"
    case .allocateCoherent: "allocate-coherent"
    case .freeCoherent: "free-coherent"
    case .accessStale: "access-stale"
    case .accessAny: "access-any"
    case .createDomain: "create-domain"
    case .destroyDomain: "destroy-domain"
    case .outOfResources: "out-of-resources"
    case .noTable: "no-table"
    default: "\(self)"
    }
  }

  /// Whether it lets something go wrong; such steps are left out while progress is asked for.
  public var isFault: Bool {
    switch self {
    case .outOfResources, .busy, .refuse, .noTable, .scarcity, .unplug, .fail, .delay: true
    default: false
    }
  }

  /// Whether it puts functions out of work, though nothing is wrong with the machine.
  var isDisruptive: Bool {
    switch self {
    case .accessStale, .accessAny, .drop: true
    default: isFault
    }
  }

  /// How often it comes among the others, before a seed changes that.
  var weight: UInt64 {
    switch self {
    case .map: 220
    case .unmap: 210
    case .mapList, .churn: 40
    case .synchronize: 120
    case .access: 140
    case .accessStale: 12
    case .accessAny: 3
    case .transfer: 20
    case .advance: 60
    case .allocateCoherent, .freeCoherent: 12
    case .flush: 8
    case .drop, .createDomain, .destroyDomain: 1
    case .attach: 20
    case .detach, .reset, .claim: 3
    case .replace, .use: 4
    case .release: 2
    case .probe, .recover: 25
    case .outOfResources, .noTable: 6
    case .busy: 4
    case .refuse, .scarcity, .unplug, .delay: 2
    case .fail: 3
    }
  }

  /// Whether a seed may leave it out.
  var isOptional: Bool {
    switch self {
    case .map, .unmap, .synchronize, .probe, .recover, .attach, .advance: false
    default: true
    }
  }
}
