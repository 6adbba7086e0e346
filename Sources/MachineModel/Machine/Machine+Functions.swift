public import IOMMU
import ZPCI

/// Functions: plugging, unplugging, and what they tell.
extension Machine {
  /// Adds a function with `device` behind it, configured and disabled; returns its number.
  ///
  /// - Precondition: fewer than 4,096 functions were plugged, and the device's identity is one that
  ///   ``DeviceIdentity`` allows.
  @discardableResult
  public func plug(_ device: any DeviceModel) -> Int {
    let identity = device.identity
    precondition(functions.count < 4_096, "a machine has at most 4,096 functions")
    precondition(
      identity.registerBytes >= 4_096
        && identity.registerBytes & (identity.registerBytes - 1) == 0,
      "register space is a power of two of 4 KiB or more")
    precondition((0...64).contains(identity.vectors), "a function has 0 to 64 vectors")
    let function = MachineFunction(
      number: functions.count, device: device, memory: memory, observers: observers,
      adapterInterrupts: adapterInterrupts, description: description, seed: seed)
    function.target = timeline.addTarget(function)
    add(function)
    device.connect(to: function)
    return function.number
  }

  /// Takes a function away at once, as pulling the card does: its handle is invalid from now on.
  public func unplug(_ function: Int) {
    if functions[function].condition == .reserved { return }
    functions[function].disable(to: .reserved)
  }

  /// Takes a function from the guest without pulling it: it is listed, and cannot be used.
  public func deconfigure(_ function: Int) {
    switch functions[function].condition {
    case .reserved, .standby: break
    default: functions[function].disable(to: .standby)
    }
  }

  /// Gives a function that is in standby, or was unplugged, to the guest: configured and disabled.
  public func configure(_ function: Int) {
    switch functions[function].condition {
    case .reserved, .standby: functions[function].enter(.configured)
    default: break
    }
  }

  /// Puts a function into error state, as a failing device does.
  public func failFunction(_ function: Int, code: ErrorEvent.Code) {
    guard functions.indices.contains(function) else { return }
    functions[function].fail(code, address: 0)
    if code == .permanent { functions[function].enter(.permanentError) }
  }

  /// Where a function is in its life.
  public func condition(of function: Int) -> FunctionCondition { functions[function].condition }

  /// The handle by which instructions name a function now.
  public func handle(of function: Int) -> UInt32 { functions[function].handle }

  /// What happened to a function.
  public func totals(of function: Int) -> FunctionTotals { functions[function].totals.value }

  /// The number of a function's pages that the hypervisor has pinned now.
  public func pinnedPages(of function: Int) -> UInt64 { functions[function].shadow.value.pinned }

  /// Takes the oldest error event that nobody took yet, of any function, or `nil`.
  public func takeErrorEvent() -> ErrorEvent? {
    var oldest: MachineFunction?
    for function in functions {
      guard let event = function.errorEvents.first else { continue }
      if let other = oldest?.errorEvents.first, other.time <= event.time { continue }
      oldest = function
    }
    return oldest?.errorEvents.removeFirst()
  }

  /// Makes `handler` run on `cpu` for each interrupt of `vector`, in place of any before it.
  ///
  /// This is an interrupt directed at a processor: no bit in memory shows it. Interrupts of a
  /// vector that come before its handler began are one.
  public func route(
    vector: Int, of function: Int, to cpu: CPUIndex, _ handler: @escaping () -> Void
  ) {
    functions[function].routes[vector] = InterruptRoute(cpu: index(cpu), handler: handler)
  }

  /// Makes `handler` run on `cpu` for each adapter interrupt of `subclass`, 0 to 7.
  ///
  /// One comes when a function's summary bit becomes 1; the handler finds in memory which vectors
  /// are meant, and clears the bits. Vectors with a route of their own do not take part.
  public func route(
    subclass: Int, to cpu: CPUIndex, _ handler: @escaping () -> Void
  ) {
    adapterInterrupts.route(subclass, InterruptRoute(cpu: index(cpu), handler: handler))
  }

  /// What happened to all functions together.
  public var refreshTotals: RefreshTotals {
    var sum = RefreshTotals()
    for function in functions { sum.add(function.totals.value.refreshes) }
    return sum
  }
}
