/// The status field of a completion, without the phase bit (NVM Express Base Specification 2.2,
/// figure 100): code type in bits 10:8, code in bits 7:0, Do Not Retry in bit 14.
@frozen
public struct NVMeStatus: Equatable, Sendable, BitwiseCopyable {
  /// The field's 15 bits.
  public let rawValue: UInt16

  /// What `rawValue` says.
  @inlinable
  public init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The status of type `type` with code `code`.
  @inlinable
  public init(type: UInt8, code: UInt8) {
    rawValue = UInt16(type & 7) &<< 8 | UInt16(code)
  }

  /// Whether the command succeeded.
  @inlinable
  public var isSuccess: Bool { rawValue & 0x7ff == 0 }

  /// Which table the code is from (figure 101): 0 generic, 1 command specific, 2 media.
  public var type: UInt8 { UInt8(rawValue &>> 8 & 7) }

  /// The code within its table.
  public var code: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

  /// Whether trying again is of no use.
  public var doNotRetry: Bool { rawValue &>> 14 & 1 != 0 }

  // Generic command status (figure 102).

  /// Successful Completion.
  public static var success: NVMeStatus { NVMeStatus(type: 0, code: 0x00) }
  /// Invalid Command Opcode.
  public static var invalidOpcode: NVMeStatus { NVMeStatus(type: 0, code: 0x01) }
  /// Invalid Field in Command.
  public static var invalidField: NVMeStatus { NVMeStatus(type: 0, code: 0x02) }
  /// Data Transfer Error.
  public static var dataTransferError: NVMeStatus { NVMeStatus(type: 0, code: 0x04) }
  /// Command Aborted due to SQ Deletion.
  public static var abortedByDeletion: NVMeStatus { NVMeStatus(type: 0, code: 0x08) }
  /// Invalid Namespace or Format.
  public static var invalidNamespace: NVMeStatus { NVMeStatus(type: 0, code: 0x0b) }
  /// PRP Offset Invalid.
  public static var invalidPRPOffset: NVMeStatus { NVMeStatus(type: 0, code: 0x13) }
  /// LBA Out of Range.
  public static var outOfRange: NVMeStatus { NVMeStatus(type: 0, code: 0x80) }

  // Command specific status (figure 103).

  /// Completion Queue Invalid.
  public static var invalidCompletionQueue: NVMeStatus { NVMeStatus(type: 1, code: 0x00) }
  /// Invalid Queue Identifier.
  public static var invalidQueueIdentifier: NVMeStatus { NVMeStatus(type: 1, code: 0x01) }
  /// Invalid Queue Size.
  public static var invalidQueueSize: NVMeStatus { NVMeStatus(type: 1, code: 0x02) }
  /// Invalid Interrupt Vector.
  public static var invalidInterruptVector: NVMeStatus { NVMeStatus(type: 1, code: 0x08) }
  /// Invalid Queue Deletion: a submission queue still uses the completion queue.
  public static var invalidQueueDeletion: NVMeStatus { NVMeStatus(type: 1, code: 0x0c) }
}
