public import IOMMU
import Synchronization

/// The memory in which the machine marks pending interruptions: a page that the caller lends.
///
/// The bit vector lies at its beginning, 512 bytes for 4,096 vectors, the summary bit's doubleword
/// behind it.
enum InterruptMemoryLayout {
  static var byteCount: Int { 4096 }
  static var summaryOffset: UInt64 { 512 }
}

extension ZPCIFunction {
  /// Borrows a page from `memory` for pending interruptions; without one, none are granted.
  ///
  /// Without effect where one is lent already.
  ///
  /// Throws: ``TableMemoryError``. Context: takes the function's lock. Allocates: from `memory`.
  public func lendInterruptMemory<Memory: BufferMemory>(
    from memory: Memory
  ) throws(TableMemoryError) {
    lock.lock()
    defer { lock.unlock() }
    if interruptMemory != nil { return }
    let range = try memory.allocateBuffer(byteCount: InterruptMemoryLayout.byteCount)
    setInterruptMemory(range)
  }

  /// Gives the page back to `memory`, which lent it; returns whether the function has none now.
  ///
  /// `false` while vectors are registered, because the machine may still write there: disable them
  /// first.
  ///
  /// Context: takes the function's lock; no processor is in ``takePendingInterrupts(using:_:)``.
  /// Allocates: never.
  public func returnInterruptMemory<Memory: BufferMemory>(to memory: Memory) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if registeredVectors.load(ordering: .acquiring) != 0 && state != .gone { return false }
    guard let range = interruptMemory else { return true }
    registeredVectors.store(0, ordering: .releasing)
    setInterruptMemory(nil)
    memory.freeBuffer(range)
    return true
  }

  /// Takes all vectors that are pending, and tells `body` of each, the lowest first.
  ///
  /// `memory` is a handle of the memory that was lent, seen as entries of 64 bits: bits have to be
  /// taken atomically, because the machine sets others meanwhile. The summary bit goes first, so
  /// that a vector which becomes pending during the scan makes a new interruption; it may be told
  /// of twice. Vectors that were pending before they were enabled may be told of, too.
  ///
  /// Source: Linux arch/s390/pci/pci_irq.c, `zpci_floating_irq_handler`.
  ///
  /// Complexity: one atomic access for every 64 vectors, and two where some are pending.
  /// Context: any, also an interrupt handler; takes no lock. Allocates: never.
  public func takePendingInterrupts<Memory: TableMemory>(
    using memory: Memory, _ body: (Int) -> Void
  ) {
    let count = registeredVectors.load(ordering: .acquiring)
    guard count > 0, let base = interruptMemory?.first.rawValue else { return }
    _ = Self.takeWord(memory, PhysicalAddress(base &+ InterruptMemoryLayout.summaryOffset))
    for word in 0..<(count + 63) / 64 {
      var bits = Self.takeWord(memory, PhysicalAddress(base &+ UInt64(word) &* 8))
      while bits != 0 {
        let bit = bits.leadingZeroBitCount
        bits &= ~((1 << 63) >> UInt64(bit))
        let vector = word * 64 + bit
        if vector < count { body(vector) }
      }
    }
  }

  /// Replaces the word by 0 and tells what it was; a lost race means that the machine set a bit.
  private static func takeWord<Memory: TableMemory>(
    _ memory: Memory, _ address: PhysicalAddress
  ) -> UInt64 {
    YieldPoint.reached(.store, SharedObject(at: address))
    var seen = memory.loadEntry(at: address)
    while seen != 0 {
      YieldPoint.reached(.store, SharedObject(at: address))
      let found = memory.compareExchangeEntry(at: address, expected: seen, desired: 0)
      if found == seen { break }
      seen = found
    }
    return seen
  }

  /// The lent page; written under the lock, and published by the count of registered vectors.
  var interruptMemory: PhysicalRange? {
    PhysicalRange(
      first: PhysicalAddress(interruptMemoryFirst.load(ordering: .relaxed)),
      last: PhysicalAddress(interruptMemoryLast.load(ordering: .relaxed)))
  }

  private func setInterruptMemory(_ range: PhysicalRange?) {
    interruptMemoryFirst.store(range?.first.rawValue ?? .max, ordering: .relaxed)
    interruptMemoryLast.store(range?.last.rawValue ?? 0, ordering: .relaxed)
  }
}
