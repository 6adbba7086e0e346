import IOMMU

/// Where a function's message interruptions are set up: its MSI-X capability.
///
/// Source: PCI Local Bus Specification 3.0, section 6.7 for the list of capabilities (status bit 4,
/// pointer at 0x34, the low 2 bits of pointers reserved), section 6.8.2 for MSI-X (number 0x11;
/// control at 2: size less one in bits 10…0, all masked in 14, enabled in 15; table at 4: BAR in
/// bits 2…0).
struct MSIXCapability: Equatable {
  /// Where the capability lies in configuration space.
  let offset: UInt16

  /// The number of entries that the table has.
  let tableSize: Int

  /// The BAR that the table lies behind.
  let bar: Int

  /// Where the table begins there.
  let tableOffset: UInt64

  /// The capability's control word.
  var control: UInt16 { offset + 2 }

  static var enable: UInt32 { 1 << 15 }
  static var maskAll: UInt32 { 1 << 14 }
  static var number: UInt32 { 0x11 }
}

/// Registers of configuration space that every function has: PCI Local Bus Specification 3.0, 6.1.
enum ConfigurationHeader {
  static var command: UInt16 { 0x04 }
  static var status: UInt16 { 0x06 }
  static var capabilities: UInt16 { 0x34 }
  static var commandMemory: UInt32 { 1 << 1 }
  static var commandBusMaster: UInt32 { 1 << 2 }
  static var statusHasCapabilities: UInt32 { 1 << 4 }
  /// Capabilities begin behind the header of 64 bytes and are of 4 bytes at least: 48 fit.
  static var firstCapability: UInt32 { 0x40 }
  static var capabilityCountMax: Int { 48 }
}

extension ZPCIFunction {
  /// Finds the MSI-X capability, or answers `nil` where there is none that makes sense.
  ///
  /// Complexity: two loads a capability, of which at most 48 are looked at: a list may be a circle.
  func findMSIX(on cpu: CPUIndex) throws(PCIAccessError) -> MSIXCapability? {
    let status = try readConfiguration(offset: ConfigurationHeader.status, width: 2, on: cpu)
    if status & ConfigurationHeader.statusHasCapabilities == 0 { return nil }
    var pointer =
      try readConfiguration(offset: ConfigurationHeader.capabilities, width: 1, on: cpu) & 0xfc
    for _ in 0..<ConfigurationHeader.capabilityCountMax {
      if pointer < ConfigurationHeader.firstCapability { return nil }
      let offset = UInt16(truncatingIfNeeded: pointer)
      let head = try readConfiguration(offset: offset, width: 2, on: cpu)
      if head & 0xff == MSIXCapability.number {
        return try readMSIX(at: offset, on: cpu)
      }
      pointer = head >> 8 & 0xfc
    }
    return nil
  }

  private func readMSIX(
    at offset: UInt16, on cpu: CPUIndex
  ) throws(PCIAccessError) -> MSIXCapability? {
    // The capability has 12 bytes; one that does not fit the 256 of the header's space is none.
    if offset > 256 - 12 { return nil }
    let control = try readConfiguration(offset: offset + 2, width: 2, on: cpu)
    let table = try readConfiguration(offset: offset + 4, width: 4, on: cpu)
    let bar = Int(table & 7)
    if bar > 5 { return nil }
    return MSIXCapability(
      offset: offset, tableSize: Int(control & 0x7ff) + 1, bar: bar,
      tableOffset: UInt64(table & ~7))
  }

  /// Writes `count` entries of the table: vector n writes n to the group's message address.
  ///
  /// Everything is masked meanwhile. Memory accesses and bus mastering are switched on, without
  /// which there is neither a table nor a message.
  ///
  /// Source: PCI Local Bus Specification 3.0, section 6.8.2.9 for the entries: address low and
  /// high, data, control with the mask in bit 0; Linux arch/s390/pci/pci_irq.c,
  /// `arch_setup_msi_irqs`, for what is written.
  func program(_ msix: MSIXCapability, count: Int, on cpu: CPUIndex) throws(PCIAccessError) {
    let command = try readConfiguration(offset: ConfigurationHeader.command, width: 2, on: cpu)
    try writeConfiguration(
      command | ConfigurationHeader.commandMemory | ConfigurationHeader.commandBusMaster,
      offset: ConfigurationHeader.command, width: 2, on: cpu)
    try writeConfiguration(
      MSIXCapability.enable | MSIXCapability.maskAll, offset: msix.control, width: 2, on: cpu)
    let address = group.messageAddress
    for vector in 0..<count {
      let entry = msix.tableOffset + UInt64(vector) * 16
      try write32(UInt32(truncatingIfNeeded: address), bar: msix.bar, offset: entry, on: cpu)
      try write32(
        UInt32(truncatingIfNeeded: address >> 32), bar: msix.bar, offset: entry + 4, on: cpu)
      try write32(UInt32(vector), bar: msix.bar, offset: entry + 8, on: cpu)
      try write32(0, bar: msix.bar, offset: entry + 12, on: cpu)
    }
    try writeConfiguration(MSIXCapability.enable, offset: msix.control, width: 2, on: cpu)
  }
}
