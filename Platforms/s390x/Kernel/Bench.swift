import IOMMU
import NVMe
import ZPCI

/// The machine's first PCI function, enabled, in a group of its own.
struct Bench {
  let memory = PhysicalMemory()
  let function: Function
  let group = DeviceGroup<Function>()
  let device: DMADevice<Function>
  let timer = KernelTimer()
  /// Where the machine counts the function's instructions.
  let counted: PhysicalRange

  init() throws(Failure) {
    let bus = ZPCIBus(instructions: RealInstructions())
    var found: FunctionListEntry?
    do throws(CLPError) {
      try bus.enumerate(on: .boot) { entry in
        found = entry
        return false
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
