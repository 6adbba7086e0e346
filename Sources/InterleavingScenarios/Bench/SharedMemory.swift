import IOMMU
import MachineModel

/// The memory of a ``SharedMachine``: each access is one step for every thread.
struct SharedMemory: TableMemory, BufferMemory {
  let machine: SharedMachine

  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try machine.exclusively { (machine) throws(TableMemoryError) in
      try machine.memory.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
    }
  }

  func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    machine.exclusively { $0.memory.freeTable(table, byteCount: byteCount) }
  }

  func loadEntry(at address: PhysicalAddress) -> UInt64 {
    machine.exclusively { $0.memory.loadEntry(at: address) }
  }

  func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    machine.exclusively { $0.memory.storeEntry(entry, at: address) }
  }

  func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    machine.exclusively {
      $0.memory.storeEntries(at: address, count: count, first: first, step: step)
    }
  }

  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    machine.exclusively {
      $0.memory.compareExchangeEntry(at: address, expected: expected, desired: desired)
    }
  }

  func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    try machine.exclusively { (machine) throws(TableMemoryError) in
      try machine.memory.allocateBuffer(byteCount: byteCount)
    }
  }

  func freeBuffer(_ range: PhysicalRange) {
    machine.exclusively { $0.memory.freeBuffer(range) }
  }

  func loadLittle32(at address: PhysicalAddress) -> UInt32 {
    machine.exclusively { $0.memory.loadLittle32(at: address) }
  }

  func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {
    machine.exclusively { $0.memory.storeLittle32(value, at: address) }
  }

  func loadLittle64(at address: PhysicalAddress) -> UInt64 {
    machine.exclusively { $0.memory.loadLittle64(at: address) }
  }

  func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {
    machine.exclusively { $0.memory.storeLittle64(value, at: address) }
  }

  func copy(from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64) {
    machine.exclusively { $0.memory.copy(from: source, to: target, byteCount: byteCount) }
  }
}
