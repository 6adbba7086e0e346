public import IOMMU
public import ZPCI

/// What a domain is bound to on the machine model: s390's tables, the zPCI driver, all checkers.
public enum ModelPlatform: DMAPlatform {
  /// Three levels, as every s390 has them.
  public typealias Format = S390ThreeLevel
  /// The machine's memory.
  public typealias Memory = MachineMemory
  /// The zPCI driver, on the machine's instructions.
  public typealias Control = ZPCIFunction<Machine>
  /// The machine's time.
  public typealias Timer = MachineTimer
  /// Everyone who checks.
  public typealias Observer = CheckerSuite
}

/// The clock and timer that a machine lends to one domain.
///
/// A timer runs as a task on the processor that armed it, when that is free, as Linux's soft
/// interrupts do. Coarse ones go off on the kernel's tick, rounded up by its timer wheel.
public final class MachineTimer: DomainTimer, @unchecked Sendable {
  private unowned let machine: Machine
  private var handler: ((TimerPurpose, CPUIndex) -> Void)?

  /// A timer on `machine`, which outlives it.
  public init(machine: Machine) {
    self.machine = machine
  }

  /// Says who handles timers that go off: the domain, once it exists.
  public func handle(_ handler: ((TimerPurpose, CPUIndex) -> Void)?) {
    self.handler = handler
  }

  /// The processor's time.
  ///
  /// Reading costs what the machine says.
  public func now() -> Instant { machine.now() }

  /// Has the handler called on this processor, no earlier than `timeout` from now.
  public func arm(
    _ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision
  ) {
    let cpu = machine.currentCPU
    let work: () -> Void = { [weak self] in self?.handler?(purpose, cpu) }
    switch precision {
    case .coarse: machine.startTimer(on: cpu, after: timeout, work)
    case .precise: machine.spawn(on: cpu, at: machine.currentTime.advanced(by: timeout), work)
    }
  }
}
