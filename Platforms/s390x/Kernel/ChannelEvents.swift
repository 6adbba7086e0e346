import IOMMU
import Machine

/// What the channel subsystem has to tell of PCI functions, asked for by CHSC: that one is in error
/// state, that one is to be given back, that one has come.
///
/// Source: Linux drivers/s390/cio/chsc.c, `struct chsc_sei` and `struct chsc_sei_nt2_area`; QEMU
/// target/s390x/ioinst.c, `ioinst_handle_chsc_sei`, and include/hw/s390x/s390-pci-bus.h,
/// `ChscSeiNt2Res`, `PciCcdfErr`, `PciCcdfAvail`, `ERR_EVENT_*` and `HP_EVENT_*`.
final class ChannelEvents {
  /// An error: the device used an address that is not its to use in that way.
  static var translationProtection: UInt64 { 0x4 }
  /// A function came, and can be used.
  static var configured: UInt64 { 0x301 }
  /// A function is to be given back.
  static var deconfigureRequest: UInt64 { 0x303 }
  /// A function that was given back is gone.
  static var reserved: UInt64 { 0x308 }

  struct Event {
    var isError: Bool
    var code: UInt64
    var functionID: UInt32
    /// The address that a device used, for errors.
    var address: UInt64
  }

  private let memory = PhysicalMemory()
  private let block: PhysicalRange

  init() throws(Failure) {
    do throws(TableMemoryError) {
      block = try memory.allocateBuffer(byteCount: 4_096)
    } catch {
      throw .memory(error)
    }
  }

  deinit { memory.freeBuffer(block) }

  /// Takes the next event, or tells that there is none.
  func next() -> Event? {
    // The request: 16 bytes, store event information; of notification type 2 alone.
    put(0, 0x0010_000e_0000_0000)
    put(8, 1 << 61)
    put(16, 0)
    if chsc(block.first.rawValue) != 0 { return nil }
    // The response from byte 16 on: its length, its code, and 8 bytes on flags and content code.
    let code = get(16) >> 32 & 0xffff
    if code != 1 { return nil }
    let content = get(24) >> 32 & 0xff
    // What the content code decides, from byte 80 on.
    return Event(
      isError: content == 1, code: get(80 + 24) & 0xffff,
      functionID: UInt32(truncatingIfNeeded: get(80 + 8) >> 32),
      address: get(80 + 16))
  }

  /// Takes all that there is to tell so far.
  func passOver() { while next() != nil {} }

  /// Waits for an error; passes over everything else.
  func awaitError() throws(Failure) -> Event {
    let timer = KernelTimer()
    let start = timer.now()
    while timer.now().since(start) < Wait.patience {
      if let event = next(), event.isError { return event }
    }
    throw .stuck
  }

  private func put(_ offset: UInt64, _ value: UInt64) {
    storeReleasing64(block.first.rawValue + offset, value)
  }

  private func get(_ offset: UInt64) -> UInt64 {
    loadAcquiring64(block.first.rawValue + offset)
  }
}
