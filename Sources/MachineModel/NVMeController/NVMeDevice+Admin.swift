import IOMMU
import NVMe

extension NVMeDevice {
  /// Executes an admin command and completes it; none takes time beyond its fetch.
  func execute(admin command: NVMeFetched) {
    var result: UInt32 = 0
    let status: NVMeStatus
    switch command.opcode {
    case NVMeAdminOpcode.identify: status = identify(command)
    case NVMeAdminOpcode.createCompletionQueue: status = createCompletionQueue(command)
    case NVMeAdminOpcode.createSubmissionQueue: status = createSubmissionQueue(command)
    case NVMeAdminOpcode.deleteCompletionQueue: status = deleteCompletionQueue(command)
    case NVMeAdminOpcode.deleteSubmissionQueue: status = deleteSubmissionQueue(command)
    case NVMeAdminOpcode.setFeatures, NVMeAdminOpcode.getFeatures:
      (status, result) = numberOfQueues(command)
    default: status = .invalidOpcode
    }
    complete(queue: 0, identifier: command.identifier, status: status, result: result)
  }

  /// Identify (NVM Express Base Specification 2.2, figures 307 to 311).
  private func identify(_ command: NVMeFetched) -> NVMeStatus {
    for index in 0..<512 { scratch[index] = 0 }
    switch command.dword10 & 0xff {
    case 0x00:
      if command.namespace != 1 { return .invalidNamespace }
      describeNamespace()
    case 0x01: describeController()
    case 0x02:
      if command.namespace >= .max - 1 { return .invalidNamespace }
      scratch[0] = command.namespace < 1 ? 1 : 0
    default: return .invalidField
    }
    var pieces: [NVMePiece] = []
    if let status = walk(command.prp1, command.prp2, byteCount: 4_096, into: &pieces) {
      return status
    }
    for index in 0..<512 { scratch[index] = scratch[index].littleEndian }
    do throws(DMAFault) {
      try send(to: pieces)
    } catch {
      totals.memoryFaults += 1
      return .dataTransferError
    }
    return .success
  }

  /// The Identify Controller data structure (figure 313), what of it is not zero.
  private func describeController() {
    put(UInt64(identity.vendor) | UInt64(identity.vendor) << 16, bytes: 4, at: 0)  // VID, SSVID
    put(text: "1", bytes: 20, at: 4)  // SN
    put(text: "swift-iommu NVMe model", bytes: 40, at: 24)  // MN
    put(text: "1", bytes: 8, at: 64)  // FR
    put(UInt64(geometry.transferPagesLog2), bytes: 1, at: 77)  // MDTS
    put(0x0001_0400, bytes: 4, at: 80)  // VER
    put(1, bytes: 1, at: 111)  // CNTRLTYPE: I/O controller
    put(0x66, bytes: 1, at: 512)  // SQES: entries of 64 bytes
    put(0x44, bytes: 1, at: 513)  // CQES: entries of 16 bytes
    put(1, bytes: 4, at: 516)  // NN
  }

  /// The Identify Namespace data structure (NVM Command Set Specification 1.1, section 4.1.5.1).
  private func describeNamespace() {
    put(geometry.blockCount, bytes: 8, at: 0)  // NSZE
    put(geometry.blockCount, bytes: 8, at: 8)  // NCAP
    put(geometry.blockCount, bytes: 8, at: 16)  // NUSE
    put(UInt64(geometry.blockLog2), bytes: 1, at: 130)  // LBADS of LBA format 0
  }

  private func put(_ value: UInt64, bytes: Int, at offset: Int) {
    for index in 0..<bytes {
      let place = offset + index
      let byte = value >> UInt64(index * 8) & 0xff
      scratch[place / 8] |= byte << UInt64(place % 8 * 8)
    }
  }

  private func put(text: StaticString, bytes: Int, at offset: Int) {
    let letters = Array(text.description.utf8)
    for index in 0..<bytes {
      put(index < letters.count ? UInt64(letters[index]) : 0x20, bytes: 1, at: offset + index)
    }
  }

  /// Number of Queues (figures 444 and 445): what there is, whatever is asked for.
  private func numberOfQueues(_ command: NVMeFetched) -> (NVMeStatus, UInt32) {
    if command.dword10 & 0xff != NVMeFeature.numberOfQueues { return (.invalidField, 0) }
    let count = UInt32(geometry.queues - 1)
    let granted = (count | count << 16, NVMeStatus.success)
    if command.opcode == NVMeAdminOpcode.getFeatures { return (granted.1, granted.0) }
    // 0xffff is not a number of queues (figure 444).
    if command.dword11 & 0xffff == 0xffff || command.dword11 >> 16 == 0xffff {
      return (.invalidField, 0)
    }
    return (granted.1, granted.0)
  }
}
