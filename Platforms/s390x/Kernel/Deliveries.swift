import IOMMU
import Machine
import Synchronization
import ZPCI

/// Hands the vectors that a function made pending to the processors whose queues they tell of.
///
/// An interruption of a device goes to any one processor that waits for it, which looks at the
/// vectors of all and signals those whose they are.
///
/// Each first vector after a scan interrupts (mode "all" of SIC), and none does while the summary
/// bit stands: the summary bit limits the rate by itself. The other mode, which lets one come and
/// then none until it is asked for, would save nothing here and be one more way to lose one.
final class Deliveries: @unchecked Sendable {
  private let function: Function
  private let memory: PhysicalMemory
  /// For each processor, whether its queue was told of since it looked last.
  private let boxes: FixedStorage<Atomic<Bool>>
  /// For each processor, the vector of its queue.
  private let vectors: FixedStorage<Int>

  /// Deliveries to processors whose queues tell by `vectors`.
  init(of function: Function, memory: PhysicalMemory, vectors: [Int]) {
    self.function = function
    self.memory = memory
    self.vectors = FixedStorage(count: vectors.count) { vectors[$0] }
    boxes = FixedStorage(count: vectors.count) { _ in Atomic(false) }
  }

  /// Lets the machine make interruptions of functions.
  static func enable() { sic(0, Function.interruptionSubclass) }

  /// Takes all vectors that are pending, and tells the processors that they are for.
  func take(on cpu: CPUIndex) {
    function.takePendingInterrupts(using: memory) { vector in
      for owner in 0..<vectors.count where vectors[owner] == vector {
        // Before the signal, which the owner takes for a reason to look.
        boxes[owner].store(true, ordering: .sequentiallyConsistent)
        if owner != cpu.rawValue { machineSignal(UInt16(owner)) }
      }
    }
  }

  /// Whether a processor's queue was told of since this was asked last.
  func collect(for cpu: CPUIndex) -> Bool {
    boxes[cpu.rawValue].exchange(false, ordering: .sequentiallyConsistent)
  }
}
