import IOMMU
import NVMe

extension NVMeDevice {
  /// Reads a register; what is not one reads as zero.
  public func readRegister(bar: Int, offset: UInt64, width: Int) -> UInt64 {
    guard bar == 0 else { return 0 }
    let lane = offset & ~3
    let low = UInt64(readLane(lane))
    if width == 8 { return low | UInt64(readLane(lane &+ 4)) << 32 }
    let shifted = low &>> (offset & 3 &* 8)
    return width >= 4 ? shifted : shifted & ((1 << UInt64(width * 8)) - 1)
  }

  /// Writes a register of 4 or 8 bytes; other widths and places are ignored.
  public func writeRegister(_ value: UInt64, bar: Int, offset: UInt64, width: Int) {
    guard bar == 0, offset & 3 == 0, width >= 4 else { return }
    writeLane(offset, UInt32(truncatingIfNeeded: value))
    if width == 8 && offset < NVMeRegister.doorbells {
      writeLane(offset &+ 4, UInt32(truncatingIfNeeded: value &>> 32))
    }
  }

  /// CAP (NVM Express Base Specification 2.2, figure 36): contiguous queues required, 5 s to become
  /// ready, doorbells 4 bytes apart, NVM command set, pages of 4 KiB alone.
  private var capabilities: UInt64 {
    UInt64(geometry.entries - 1) | 1 << 16 | 10 << 24 | 1 << 37
  }

  private func readLane(_ offset: UInt64) -> UInt32 {
    switch offset {
    case NVMeRegister.capabilities: UInt32(truncatingIfNeeded: capabilities)
    case NVMeRegister.capabilities + 4: UInt32(truncatingIfNeeded: capabilities >> 32)
    case NVMeRegister.version: 0x0001_0400
    case NVMeRegister.configuration: configuration
    case NVMeRegister.status: status
    case NVMeRegister.adminQueueAttributes: adminAttributes
    case NVMeRegister.adminSubmissionQueue: UInt32(truncatingIfNeeded: adminSubmission)
    case NVMeRegister.adminSubmissionQueue + 4: UInt32(truncatingIfNeeded: adminSubmission >> 32)
    case NVMeRegister.adminCompletionQueue: UInt32(truncatingIfNeeded: adminCompletion)
    case NVMeRegister.adminCompletionQueue + 4: UInt32(truncatingIfNeeded: adminCompletion >> 32)
    default: 0
    }
  }

  private func writeLane(_ offset: UInt64, _ value: UInt32) {
    switch offset {
    case NVMeRegister.configuration: configure(value)
    case NVMeRegister.adminQueueAttributes: adminAttributes = value & 0x0fff_0fff
    case NVMeRegister.adminSubmissionQueue:
      adminSubmission = adminSubmission & ~0xffff_ffff | UInt64(value)
    case NVMeRegister.adminSubmissionQueue + 4:
      adminSubmission = adminSubmission & 0xffff_ffff | UInt64(value) << 32
    case NVMeRegister.adminCompletionQueue:
      adminCompletion = adminCompletion & ~0xffff_ffff | UInt64(value)
    case NVMeRegister.adminCompletionQueue + 4:
      adminCompletion = adminCompletion & 0xffff_ffff | UInt64(value) << 32
    case NVMeRegister.doorbells...:
      let index = Int((offset - NVMeRegister.doorbells) / 4)
      ring(queue: index / 2, isHead: index % 2 == 1, value: value)
    default: break
    }
  }

  private func configure(_ value: UInt32) {
    let wasEnabled = configuration & NVMeConfiguration.enable != 0
    let isEnabled = value & NVMeConfiguration.enable != 0
    configuration = value
    if isEnabled && !wasEnabled { start() }
    if !isEnabled && wasEnabled {
      stop()
      status = 0
    }
    if value & NVMeConfiguration.shutdownMask != 0 {
      status |= NVMeControllerStatus.shutdownComplete
    } else {
      status &= ~NVMeControllerStatus.shutdownMask
    }
  }

  /// Takes up the admin queues; a configuration that the device cannot have is fatal, as on QEMU
  /// (hw/nvme/ctrl.c, `nvme_start_ctrl`).
  private func start() {
    let wanted = NVMeConfiguration.running
    let layout: UInt32 = 0x00ff_3ff1
    if configuration & layout != wanted || adminSubmission & 0xfff != 0
      || adminCompletion & 0xfff != 0 || adminAttributes & 0xfff == 0
      || adminAttributes >> 16 == 0
    {
      status |= NVMeControllerStatus.fatal
      return
    }
    completions[0] = NVMeCompletionQueue(
      base: adminCompletion, entries: adminAttributes >> 16 + 1, vector: 0)
    submissions[0] = NVMeSubmissionQueue(
      base: adminSubmission, entries: adminAttributes & 0xfff + 1, completionQueue: 0)
    readyEvent = environment.schedule(
      after: Nanoseconds(geometry.readyNanoseconds), token: Token.ready)
  }

  private func ring(queue: Int, isHead: Bool, value: UInt32) {
    guard isServing else { return }
    if isHead {
      guard queue < completions.count, let entries = completions[queue]?.entries, value < entries
      else {
        totals.badDoorbells += 1
        return
      }
      completions[queue]?.head = value
      postWaiting(queue)
    } else {
      guard queue < submissions.count, let entries = submissions[queue]?.entries, value < entries
      else {
        totals.badDoorbells += 1
        return
      }
      submissions[queue]?.tail = value
      scheduleFetch()
    }
  }
}
