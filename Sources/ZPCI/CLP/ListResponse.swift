/// One function of the list.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_fh_list_entry`; QEMU
/// include/hw/s390x/s390-pci-clp.h, `ClpFhListEntry`.
@frozen
public struct FunctionListEntry: Equatable, Sendable, BitwiseCopyable {
  /// The PCI device number (offset 0, 2 bytes).
  public var deviceID: UInt16

  /// The PCI vendor number; 0 where the entry names no function (offset 2, 2 bytes).
  public var vendorID: UInt16

  /// Whether the function is configured, or only standby (offset 4, bit 31 of a word).
  public var isConfigured: Bool

  /// The number by which people name the function; it never changes (offset 8, 4 bytes).
  public var functionID: UInt32

  /// The handle that the function has now (offset 12, 4 bytes).
  public var handle: FunctionHandle

  /// An entry of a standby function without numbers; set what there is.
  public init(functionID: UInt32, handle: FunctionHandle) {
    deviceID = 0
    vendorID = 0
    isConfigured = false
    self.functionID = functionID
    self.handle = handle
  }

  init(block: CLPBlock, at offset: Int) {
    deviceID = UInt16(truncatingIfNeeded: block.field(at: offset, width: 2))
    vendorID = UInt16(truncatingIfNeeded: block.field(at: offset + 2, width: 2))
    isConfigured = block.field(at: offset + 4, width: 4) & (1 << 31) != 0
    functionID = UInt32(truncatingIfNeeded: block.field(at: offset + 8, width: 4))
    handle = FunctionHandle(UInt32(truncatingIfNeeded: block.field(at: offset + 12, width: 4)))
  }

  func write(into block: inout CLPBlock, at offset: Int) {
    block.setField(UInt64(deviceID), at: offset, width: 2)
    block.setField(UInt64(vendorID), at: offset + 2, width: 2)
    block.setField(isConfigured ? 1 << 31 : 0, at: offset + 4, width: 4)
    block.setField(UInt64(functionID), at: offset + 8, width: 4)
    block.setField(UInt64(handle.rawValue), at: offset + 12, width: 4)
  }
}

/// The head of a list of functions; the entries stay in the block.
///
/// Offsets in the block: resume token 48, machine-dependent word 56, greatest number of functions
/// 60, flags 62 (bit 0: user-defined numbers are checked), entry size 63, entries from 64.
///
/// Source: Linux arch/s390/include/asm/pci_clp.h, `struct clp_rsp_list_pci`; QEMU
/// hw/s390x/s390-pci-inst.c, `list_pci`.
public struct ListResponse: Equatable, Sendable {
  /// The number of entries in the block.
  public let count: Int

  /// What to ask with for the rest, or 0 where there is none.
  public let resumeToken: UInt64

  /// The greatest number of functions that there can be.
  public let functionCountMax: UInt16

  /// Whether the machine keeps user-defined numbers unique.
  public let checksUserIDs: Bool

  /// The entries that fit one block: 252.
  public static var countMax: Int { (Int(byteCountMax) - headByteCount) / entryByteCount }

  /// A head for `count` entries, which are written with ``setEntry(_:at:in:)``.
  public init(
    count: Int, resumeToken: UInt64 = 0, functionCountMax: UInt16 = 4096,
    checksUserIDs: Bool = true
  ) {
    precondition(count >= 0 && count <= Self.countMax, "more entries than a list block holds")
    self.count = count
    self.resumeToken = resumeToken
    self.functionCountMax = functionCountMax
    self.checksUserIDs = checksUserIDs
  }

  /// The response that `block` holds.
  ///
  /// Throws: ``CLPError/refused(_:)``, ``CLPError/responseLength(_:)``,
  /// ``CLPError/responseFormat(_:)``, ``CLPError/entrySize(_:)``.
  public init(block: CLPBlock) throws(CLPError) {
    try block.checkResponseHeader(atLeast: UInt16(Self.headByteCount))
    let entrySize = UInt8(truncatingIfNeeded: block.field(at: 63, width: 1))
    if Int(entrySize) != Self.entryByteCount { throw .entrySize(entrySize) }
    let listed = Int(block.responseByteCount) - Self.headByteCount
    if listed % Self.entryByteCount != 0 { throw .responseLength(block.responseByteCount) }
    count = listed / Self.entryByteCount
    resumeToken = block.field(at: 48, width: 8)
    functionCountMax = UInt16(truncatingIfNeeded: block.field(at: 60, width: 2))
    checksUserIDs = block.field(at: 62, width: 1) & 1 != 0
  }

  /// Writes the head into `block` as a success.
  public func write(into block: inout CLPBlock) {
    block.setResponseHeader(byteCount: UInt16(Self.headByteCount + count * Self.entryByteCount))
    block.setField(resumeToken, at: 48, width: 8)
    block.setField(0, at: 56, width: 4)
    block.setField(UInt64(functionCountMax), at: 60, width: 2)
    block.setField(checksUserIDs ? 1 : 0, at: 62, width: 1)
    block.setField(UInt64(Self.entryByteCount), at: 63, width: 1)
  }

  /// The entry at `index`, from 0 up to but not including ``count``.
  public func entry(at index: Int, in block: CLPBlock) -> FunctionListEntry {
    precondition(index >= 0 && index < count, "list index out of range")
    return FunctionListEntry(block: block, at: 64 + index * Self.entryByteCount)
  }

  /// Writes the entry at `index`, from 0 up to but not including ``count``.
  public func setEntry(_ entry: FunctionListEntry, at index: Int, in block: inout CLPBlock) {
    precondition(index >= 0 && index < count, "list index out of range")
    entry.write(into: &block, at: 64 + index * Self.entryByteCount)
  }

  /// The entries that the room of the request in `block` holds: what a machine may list at most.
  public static func room(in block: CLPBlock) -> Int {
    max(0, min(countMax, (Int(block.responseByteCount) - headByteCount) / entryByteCount))
  }

  static var byteCountMax: UInt16 { 4096 - 32 }
  private static var headByteCount: Int { 32 }
  private static var entryByteCount: Int { 16 }
}
