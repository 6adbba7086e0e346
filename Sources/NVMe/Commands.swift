public import IOMMU

/// The admin commands that are used here (NVM Express Base Specification 2.2, figure 142).
public enum NVMeAdminOpcode {
  /// Delete I/O Submission Queue.
  public static var deleteSubmissionQueue: UInt8 { 0x00 }
  /// Create I/O Submission Queue.
  public static var createSubmissionQueue: UInt8 { 0x01 }
  /// Delete I/O Completion Queue.
  public static var deleteCompletionQueue: UInt8 { 0x04 }
  /// Create I/O Completion Queue.
  public static var createCompletionQueue: UInt8 { 0x05 }
  /// Identify.
  public static var identify: UInt8 { 0x06 }
  /// Set Features.
  public static var setFeatures: UInt8 { 0x09 }
  /// Get Features.
  public static var getFeatures: UInt8 { 0x0a }
}

/// The I/O commands that are used here (NVM Command Set Specification 1.1, section 3).
public enum NVMeOpcode {
  /// Flush: what was written becomes durable.
  public static var flush: UInt8 { 0x00 }
  /// Write.
  public static var write: UInt8 { 0x01 }
  /// Read.
  public static var read: UInt8 { 0x02 }
}

/// The feature identifiers that are used here (figure 386).
public enum NVMeFeature {
  /// Number of Queues (figures 444 and 445).
  public static var numberOfQueues: UInt32 { 0x07 }
}

/// What an entry of a submission queue says: 64 bytes (figures 91 and 92).
///
/// Only the fields that the commands here use; all others are zero.
@frozen
public struct NVMeCommand: Equatable, Sendable, BitwiseCopyable {
  /// The bytes that an entry takes.
  @inlinable
  public static var byteCount: UInt64 { 64 }

  /// OPC, dword 0 bits 7:0.
  public var opcode: UInt8
  /// CID, dword 0 bits 31:16.
  public var identifier: UInt16 = 0
  /// NSID, dword 1.
  public var namespace: UInt32 = 0
  /// DPTR's first half, bytes 31:24.
  public var prp1: UInt64 = 0
  /// DPTR's second half, bytes 39:32.
  public var prp2: UInt64 = 0
  /// Dword 10.
  public var dword10: UInt32 = 0
  /// Dword 11.
  public var dword11: UInt32 = 0
  /// Dword 12.
  public var dword12: UInt32 = 0

  /// A command with nothing but an opcode.
  @inlinable
  public init(opcode: UInt8) {
    self.opcode = opcode
  }

  /// Writes the entry to memory; the opcode goes last, though no order is promised to a device.
  ///
  /// Allocates: never.
  @inlinable
  public func store<Memory: BufferMemory>(at entry: PhysicalAddress, in memory: Memory) {
    let base = entry.rawValue
    func put(_ value: UInt64, _ offset: UInt64) {
      memory.storeLittle64(value, at: PhysicalAddress(base &+ offset))
    }
    put(0, 8)
    put(0, 16)
    put(prp1, 24)
    put(prp2, 32)
    put(UInt64(dword10) | UInt64(dword11) &<< 32, 40)
    put(UInt64(dword12), 48)
    put(0, 56)
    put(UInt64(opcode) | UInt64(identifier) &<< 16 | UInt64(namespace) &<< 32, 0)
  }
}

/// What an entry of a completion queue says: 16 bytes (figures 96 to 98).
@frozen
public struct NVMeCompletionEntry: Equatable, Sendable, BitwiseCopyable {
  /// The bytes that an entry takes.
  @inlinable
  public static var byteCount: UInt64 { 16 }

  /// Dword 0, whose meaning depends on the command.
  public let result: UInt32
  /// SQID, dword 2 bits 31:16.
  public let submissionQueue: UInt16
  /// CID, dword 3 bits 15:0.
  public let identifier: UInt16
  /// STATUS, dword 3 bits 31:17.
  public let status: NVMeStatus

  /// Reads the entry at `entry`, or `nil` while its phase bit (dword 3 bit 16) is not `phase`.
  ///
  /// Dword 3 is read first, acquiring, so the rest is as the controller wrote it before.
  @inlinable
  public init?<Memory: BufferMemory>(
    at entry: PhysicalAddress, phase: UInt32, in memory: Memory
  ) {
    let base = entry.rawValue
    let dword3 = memory.loadLittle32(at: PhysicalAddress(base &+ 12))
    if dword3 &>> 16 & 1 != phase { return nil }
    result = memory.loadLittle32(at: entry)
    let dword2 = memory.loadLittle32(at: PhysicalAddress(base &+ 8))
    submissionQueue = UInt16(truncatingIfNeeded: dword2 &>> 16)
    identifier = UInt16(truncatingIfNeeded: dword3)
    status = NVMeStatus(UInt16(truncatingIfNeeded: dword3 &>> 17))
  }
}
