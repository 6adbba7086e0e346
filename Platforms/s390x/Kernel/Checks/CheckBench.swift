import IOMMU
import NVMe
import Workloads
import ZPCI

/// The instructions that checks go through.
typealias CheckInstructions = TamperedInstructions<RealInstructions>

/// What a domain is bound to in checks.
enum CheckPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = PhysicalMemory
  typealias Control = ZPCIFunction<CheckInstructions>
  typealias Timer = KernelTimer
  typealias Observer = NoObserver
}

/// A function, a domain and a driver of checks: one type for all policies.
typealias CheckBench = FunctionBench<CheckInstructions>
typealias CheckDomain = PagingDomain<CheckPlatform, ChosenScheme>
typealias CheckDriver = NVMeController<ZPCIFunction<CheckInstructions>, CheckDomain>

extension FunctionBench where Instructions == CheckInstructions {
  /// Function number `number` of the machine.
  init(number: Int = 0, tampering: Tampering = Tampering()) throws(Failure) {
    let instructions = CheckInstructions(base: RealInstructions(), tampering: tampering)
    try self.init(number: number, on: ZPCIBus(instructions: instructions))
  }

  /// What is done to the function's refreshes.
  var tampering: Tampering { function.bus.instructions.tampering }

  /// A domain of `policy` over `mebibytes` of the function's addresses: few, so that they come
  /// round soon.
  func domain(
    _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers = .none, mebibytes: UInt64 = 16,
    timer: KernelTimer? = nil
  ) throws(Failure) -> CheckDomain {
    let whole = function.aperture
    guard let part = IOVARange(first: whole.first, byteCount: mebibytes << 20),
      part.last <= whole.last
    else { throw .aperture }
    let schemes = SchemeChoice(
      policy: policy, aperture: part, cpus: 1, kernel: .linux6_1, cost: .shadowed)
    guard let made = schemes.made else { throw .commandLine }
    do throws(TableMemoryError) {
      return try CheckDomain(
        scheme: ChosenScheme(made), memory: memory, timer: timer ?? self.timer,
        observer: NoObserver(), options: PagingDomainOptions(modifiers: modifiers))
    } catch {
      throw .memory(error)
    }
  }

  /// The RPCITs that were executed for the function, as its driver counts them.
  var refreshes: UInt64 { function.refreshCounters.executed }

  /// The load of a register, as the instruction answers it.
  func statusAnswer() -> InstructionResult {
    guard let space = PCIAddressSpace(bar: 0) else { return .invalidHandle }
    let request = RequestWord(function.handle, space: space, length: 4).rawValue
    return RealInstructions().load(request, offset: NVMeRegister.status, on: .boot).0
  }
}

extension InvalidationPolicy {
  /// `rollover` without bounds: it flushes when addresses run out.
  static var plainRollover: InvalidationPolicy { .rollover(age: nil, stale: nil) }
}

extension RoundPlan {
  /// Requests of 4 KiB, reads and writes, on the first blocks of a disk.
  static func mixed(depth: Int, seed: UInt64) -> RoundPlan {
    RoundPlan(
      depth: depth, sizes: [Size(blocks: 8, weight: 1)], writePercent: 50, buffersPerPlace: 1,
      seed: seed, blockCount: spareBlock)
  }

  /// The first block that no such request is about.
  static var spareBlock: UInt64 { 32_000 }
}
