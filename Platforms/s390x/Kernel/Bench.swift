import IOMMU
import NVMe
import ZPCI

/// A PCI function of the machine, enabled and measured, in a group of its own.
struct FunctionBench<Instructions: ZPCIInstructions> {
  typealias Function = ZPCIFunction<Instructions>

  let memory = PhysicalMemory()
  let function: Function
  let group = DeviceGroup<Function>()
  let device: DMADevice<Function>
  let timer = KernelTimer()
  /// Where the machine counts the function's instructions.
  let counted: PhysicalRange

  /// Function number `number` of those that `bus` lists.
  init(number: Int = 0, on bus: ZPCIBus<Instructions>) throws(Failure) {
    var found: FunctionListEntry?
    var passed = 0
    do throws(CLPError) {
      try bus.enumerate(on: .boot) { entry in
        if passed == number { found = entry }
        passed += 1
        return found == nil
      }
    } catch {
      throw .callLogicalProcessor(error)
    }
    guard let found else { throw .noFunction }
    do throws(CLPError) {
      function = try bus.function(found, on: .boot)
    } catch {
      throw .callLogicalProcessor(error)
    }
    do throws(TableMemoryError) {
      counted = try memory.allocateBuffer(byteCount: function.measurementByteCount)
    } catch {
      throw .memory(error)
    }
    do throws(ZPCIError) {
      try function.enable(on: .boot)
      try function.startMeasurement(in: counted, on: .boot)
    } catch {
      throw .function(error)
    }
    device = DMADevice(control: function)
    do throws(AttachError) {
      try group.add(device, on: .boot)
    } catch {
      throw .attach(error)
    }
  }

  /// The RPCITs that the machine itself has counted, once it writes them down, which it does every
  /// few seconds.
  func refreshesCounted() throws(Failure) -> UInt64 {
    let start = timer.now()
    var first: UInt64?
    while timer.now().since(start) < Nanoseconds.milliseconds(20_000) {
      if let block = MeasurementBlock.read(from: memory, at: counted.first) {
        // The first time that is seen may be from before the last instruction.
        guard let seen = first else {
          first = block.lastUpdate
          continue
        }
        if block.lastUpdate != seen { return block.refreshes }
      }
      Wait.forInterruption(atMost: Nanoseconds.milliseconds(100))
    }
    throw .measurement
  }
}

/// The machine's first PCI function, on the instructions themselves.
typealias Bench = FunctionBench<RealInstructions>

extension FunctionBench where Instructions == RealInstructions {
  init() throws(Failure) {
    try self.init(on: ZPCIBus(instructions: RealInstructions()))
  }
}
