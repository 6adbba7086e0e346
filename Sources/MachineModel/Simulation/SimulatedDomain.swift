import IOMMU

/// One domain of a simulation: what it is, what it should have, and who holds what of it.
final class SimulatedDomain {
  let number: Int
  let plan: DomainPlan
  let checkers: CheckerSuite
  let timer: MachineTimer
  /// `nil` once it was destroyed.
  var target: (any SimulatedTarget)?
  var oracle: DomainOracle
  /// Reads the counters of a domain with a table.
  var counters: InvalidationCounters?

  private(set) var held: [SimulatedHolding] = []
  /// Places for records, by the number that the oracle's pages have.
  private var places: [SimulatedHolding?] = []
  private var freePlaces: [Int32] = []

  init(
    number: Int, plan: DomainPlan, checkers: CheckerSuite, timer: MachineTimer
  ) {
    self.number = number
    self.plan = plan
    self.checkers = checkers
    self.timer = timer
    oracle = DomainOracle(aperture: plan.aperture)
  }

  var isIdentity: Bool { plan.choice.policy == .identity }

  var isBatched: Bool { plan.choice.modifiers.contains(.batch) && !isIdentity }

  /// Whether a device may use what was given up, for a while.
  var mayBeStale: Bool {
    switch plan.choice.policy {
    case .strict, .legacyStrict: oracle.hasFailedMaps || checkers.failedRanges > 0
    default: true
    }
  }

  /// The number that the next holding will have.
  var nextPlace: Int32 { freePlaces.last ?? Int32(places.count) }

  func hold(_ holding: SimulatedHolding) {
    holding.position = held.count
    held.append(holding)
    if let place = freePlaces.popLast() {
      places[Int(place)] = holding
      holding.place = place
    } else {
      holding.place = Int32(places.count)
      places.append(holding)
    }
  }

  func letGo(_ holding: SimulatedHolding) {
    let last = held.removeLast()
    if last !== holding {
      held[holding.position] = last
      last.position = holding.position
    }
    places[Int(holding.place)] = nil
    freePlaces.append(holding.place)
  }

  func holding(_ place: Int32) -> SimulatedHolding? {
    place >= 0 && Int(place) < places.count ? places[Int(place)] : nil
  }
}

/// A token that the simulation holds.
final class SimulatedHolding {
  enum Kind {
    case mapping
    case list
    case coherent
  }

  var token: SimulatedToken?
  let kind: Kind
  /// Where the device finds it, to the byte.
  let device: IOVARange
  /// The memory of a coherent buffer.
  let coherentMemory: PhysicalRange?
  let allowsWrite: Bool
  /// The processor that mapped it.
  let cpu: CPUIndex
  /// Whether a device must be able to use it.
  var isUsable: Bool
  /// Whether its announcement failed, so that it may not be used.
  var isBroken = false
  var position = 0
  var place: Int32 = -1

  init(
    _ token: consuming SimulatedToken, kind: Kind, allowsWrite: Bool, cpu: CPUIndex,
    isUsable: Bool
  ) {
    device = token.device
    coherentMemory = token.coherentMemory
    self.token = consume token
    self.kind = kind
    self.allowsWrite = allowsWrite
    self.cpu = cpu
    self.isUsable = isUsable
  }

  /// Moves the token out.
  func take() -> SimulatedToken? { token.take() }
}

/// One function of a simulated machine, and what its system knows of it.
final class SimulatedFunction {
  let number: Int
  let device = SimulatedDevice()
  unowned let group: SimulatedGroup
  /// `nil` while the system knows no such function.
  var control: SimulatedControl?
  var member: DMADevice<SimulatedControl>?

  init(number: Int, group: SimulatedGroup) {
    self.number = number
    self.group = group
  }
}

/// A group of functions, and the domain that it should be in.
final class SimulatedGroup {
  let number: Int
  var group = DeviceGroup<SimulatedControl>()
  /// The domain that it returns to.
  var defaultDomain: SimulatedDomain?
  var domain: SimulatedDomain?
  var members: [SimulatedFunction] = []
  /// The user-space owner's token, while there is one.
  var owner: GroupOwner<SimulatedControl>?
  /// The driver's token, while there is one.
  var use: DriverUse<SimulatedControl>?

  init(number: Int) {
    self.number = number
  }
}
