import IOMMU
import Testing
import ZPCI

/// A function's whole life, with something going wrong before each instruction in turn.
@Suite("Faults at every instruction")
struct FaultTests {
  /// What a step of the life may throw, apart.
  enum Step: Equatable {
    case done
    case bus(CLPError)
    case life(ZPCIError)
    case control(ControlError)
    case access(PCIAccessError)

    var saysGone: Bool {
      switch self {
      case .life(.functionGone), .control(.functionGone), .access(.functionGone): true
      case .bus(.refused(.invalidHandle)): true
      default: false
      }
    }

    var saysError: Bool {
      switch self {
      case .life(.functionInError), .control(.functionInError), .access(.functionInError): true
      default: false
      }
    }
  }

  func step(_ body: () throws -> Void) -> Step {
    do {
      try body()
      return .done
    } catch let error as ZPCIError {
      return .life(error)
    } catch let error as ControlError {
      return .control(error)
    } catch let error as PCIAccessError {
      return .access(error)
    } catch let error as CLPError {
      return .bus(error)
    } catch {
      Issue.record("an error without a type: \(error)")
      return .done
    }
  }

  /// The steps of a life after discovery; none depends on the success of another.
  func live(_ function: Function, _ memory: FakeMemory) throws -> [Step] {
    let range = try pages(0x1_0000_1000, 2)
    return [
      step { try function.enable(on: cpu) },
      step {
        try function.enableTranslation(
          root: table, rootLevel: 2, aperture: function.aperture, on: cpu)
      },
      step { try function.lendInterruptMemory(from: memory) },
      step { _ = try function.enableInterrupts(count: 2, on: cpu) },
      step { try function.invalidate(range, on: cpu) },
      step { try function.write32(1, bar: 0, offset: 0x14, on: cpu) },
      step { _ = try function.read64(bar: 0, offset: 0, on: cpu) },
      step { try function.invalidateAll(on: cpu) },
      step { try function.recover(on: cpu) },
      step { try function.disableInterrupts(on: cpu) },
      step { try function.disableTranslation(on: cpu) },
      step { try function.disable(on: cpu) },
    ]
  }

  /// The number of instructions of an undisturbed life, and of its discovery.
  func lengths() throws -> (discovery: Int, all: Int) {
    let machine = FakeMachine()
    let function = try find(machine)
    let discovery = machine.log.count
    let steps = try live(function, FakeMemory())
    #expect(steps.allSatisfy { $0 == .done })
    return (discovery, machine.log.count)
  }

  @Test("A function that vanishes is gone for good, whenever it does")
  func vanishing() throws {
    let (discovery, all) = try lengths()
    #expect(all > 30)
    for number in discovery..<all {
      let machine = FakeMachine { $0.vanishesBefore = number }
      let memory = FakeMemory()
      let function = try find(machine)
      let steps = try live(function, memory)
      #expect(function.state == .gone, "vanished before \(number)")
      #expect(steps.allSatisfy { $0 == .done || $0.saysGone }, "vanished before \(number)")
      // Nothing is asked of the function once it is known to be gone.
      let issued = machine.log.count
      #expect(try live(function, memory).contains { $0.saysGone })
      #expect(machine.log.count == issued)
      // What reaches nothing is blocked and without vectors, and gives its memory back.
      try function.disableTranslation(on: cpu)
      try function.disableInterrupts(on: cpu)
      #expect(function.returnInterruptMemory(to: memory))
      #expect(memory.lentCount == 0)
    }
  }

  @Test("A function that fails is in error until it is recovered, whenever it does")
  func failing() throws {
    let (discovery, all) = try lengths()
    for number in discovery..<all {
      for refuses in [false, true] {
        let machine = FakeMachine {
          $0.failsBefore = number
          $0.refusesDeregistrationInError = refuses
        }
        let memory = FakeMemory()
        let function = try find(machine)
        let steps = try live(function, memory)
        #expect(
          steps.allSatisfy { $0 == .done || $0.saysError }, "failed before \(number): \(steps)")
        #expect(function.state == .configured, "failed before \(number)")
        #expect(machine.with { !$0.isTranslating && !$0.vectorsRegistered })
        #expect(machine.with { $0.refreshesWithoutTable } == 0)
        // A second life is undisturbed.
        #expect(try live(function, memory).allSatisfy { $0 == .done })
        #expect(function.returnInterruptMemory(to: memory))
        #expect(memory.lentCount == 0)
      }
    }
  }

  @Test("An instruction that is refused once leaves a function that can be used again")
  func refused() throws {
    let (discovery, all) = try lengths()
    for number in discovery..<all {
      let machine = FakeMachine { $0.faults[number] = .error(99) }
      let memory = FakeMemory()
      let function = try find(machine)
      _ = try live(function, memory)
      if function.state != .configured { try function.disable(on: cpu) }
      #expect(try live(function, memory).allSatisfy { $0 == .done }, "refused \(number)")
      #expect(function.returnInterruptMemory(to: memory))
      #expect(memory.lentCount == 0)
      #expect(machine.with { $0.refreshesWithoutTable } == 0)
    }
  }

  @Test("An instruction that is busy for a while is nothing to be seen")
  func busy() throws {
    let (_, all) = try lengths()
    for number in 0..<all {
      let machine = FakeMachine {
        for attempt in 0..<3 { $0.faults[number + attempt] = .busy }
      }
      let function = try find(machine, busyRetryLimit: 3)
      #expect(try live(function, FakeMemory()).allSatisfy { $0 == .done }, "busy at \(number)")
      #expect(machine.log.count == all + 3)
    }
  }

  @Test("Discovery that fails is a typed error")
  func discovery() throws {
    for number in 0..<3 {
      let machine = FakeMachine { $0.faults[number] = .error(1) }
      #expect(step { _ = try find(machine) } == .bus(.conditionCode(1)))
    }
    let vanished = FakeMachine { $0.vanishesBefore = 1 }
    #expect(step { _ = try find(vanished) } == .bus(.refused(.invalidHandle)))
  }
}
