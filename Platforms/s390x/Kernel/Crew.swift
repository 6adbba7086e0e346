import IOMMU
import Machine
import NVMe
import Workloads
import ZPCI

/// A job's rounds on all processors: each has a queue and a loop of its own, on the same domain.
final class Crew<Domain: DMADomain>: @unchecked Sendable where Domain.Memory == PhysicalMemory {
  private let members: [CrewMember<Domain>]

  /// A crew on a driver that runs.
  ///
  /// Throws: where there are too few queues, or no vectors, or no memory for buffers.
  init(
    _ job: Job, driver: NVMeController<Function, Domain>, bench: Bench,
    timers: @escaping (CPUIndex) -> Void
  ) throws(Failure) {
    if driver.information.queueCount < job.processors {
      throw .queues(driver.information.queueCount)
    }
    var deliveries: Deliveries?
    if job.usesInterrupts {
      if driver.information.vectorCount == 0 { throw .noVectors }
      var vectors: [Int] = []
      for queue in 0..<job.processors { vectors.append(driver.vector(queue: queue)) }
      deliveries = Deliveries(of: bench.function, memory: bench.memory, vectors: vectors)
    }
    var members: [CrewMember<Domain>] = []
    for number in 0..<job.processors {
      let loop: RoundLoop<Function, Domain>
      do throws(TableMemoryError) {
        loop = try RoundLoop(
          driver: driver, queue: number, plan: job.plan.part(number, of: job.processors),
          memory: bench.memory, clock: timeOfDay)
      } catch {
        throw .memory(error)
      }
      let wait = CompletionWait(
        on: CPUIndex(number), deliveries: deliveries, timer: bench.timer, timers: timers)
      members.append(
        CrewMember(
          number: number, loop: loop, wait: wait, runsIntoTrap: job.traps >> number & 1 == 1))
    }
    self.members = members
  }

  /// Does `rounds` more rounds, as evenly shared as they can be.
  func run(rounds: Int) throws(NVMeError) {
    let (each, rest) = rounds.quotientAndRemainder(dividingBy: members.count)
    Processors.all.run { [members] cpu in
      let number = cpu.rawValue
      members[number].work(rounds: number < rest ? each + 1 : each)
    }
    if let error = members[0].error { throw error }
  }

  /// What all of them did so far.
  var result: RoundResult {
    var sum = RoundResult()
    for member in members {
      sum.requests += member.loop.result.requests
      sum.bytes += member.loop.result.bytes
      sum.failures += member.loop.result.failures
      sum.wrongBlocks += member.loop.result.wrongBlocks
    }
    return sum
  }

  /// What the driver took on the first processor; who counts instructions has no other.
  var spent: RoundSpending { members[0].loop.spent }

  /// Tells what each processor did in the last run.
  func tell() {
    for member in members { member.tell() }
  }
}

/// What one processor of a crew has of its own.
final class CrewMember<Domain: DMADomain> where Domain.Memory == PhysicalMemory {
  let number: Int
  let loop: RoundLoop<Function, Domain>
  private let wait: CompletionWait
  private let runsIntoTrap: Bool
  private var requestsBefore: UInt64 = 0
  private(set) var error: NVMeError?

  init(
    number: Int, loop: RoundLoop<Function, Domain>, wait: CompletionWait, runsIntoTrap: Bool
  ) {
    self.number = number
    self.loop = loop
    self.wait = wait
    self.runsIntoTrap = runsIntoTrap
  }

  /// Does rounds; on the processor itself.
  func work(rounds: Int) {
    wait.begin()
    requestsBefore = loop.result.requests
    do throws(NVMeError) {
      var progress = ProgressLine(of: UInt64(rounds), since: wait.timer.now())
      for round in 0..<rounds {
        try loop.run(rounds: 1) { wait.pause() }
        wait.timers()
        // What the first one has done stands for all, which share the work evenly.
        if number == 0 { progress.tell(UInt64(round) + 1, at: wait.timer.now()) }
        precondition(!runsIntoTrap, "a trap was asked for")
      }
    } catch {
      // Others may wait for what will never come: where there are any, the machine ends here.
      if Processors.all.count > 1 { endMachine(error) }
      self.error = error
    }
    wait.end()
  }

  private func endMachine(_ error: NVMeError) -> Never {
    Console.write("FAILED on processor ")
    Console.write(UInt64(number))
    Console.write(": ")
    Failure.driver(error).tell()
    machineExit(1)
  }

  /// Tells what the processor did in its last ``work(rounds:)``.
  func tell() {
    let counts = wait.counts
    Console.write("processor")
    Console.field("number", UInt64(number))
    Console.field("requests", loop.result.requests - requestsBefore)
    Console.field("looks", counts.looks)
    Console.field("waits", counts.waits)
    Console.field("interruptions", counts.interruptions)
    Console.field("signals", counts.signals)
    Console.field("alarms", counts.alarms)
    Console.field("silences", counts.silences)
    Console.write("\n")
  }
}
