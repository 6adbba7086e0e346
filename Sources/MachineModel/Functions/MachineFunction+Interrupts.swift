import IOMMU
import ZPCI

/// Who handles a vector's interrupts.
struct InterruptRoute {
  /// The number of the processor.
  let cpu: Int
  /// Runs on it.
  let handler: () -> Void
  /// Whether an interrupt is on its way; another one meanwhile adds nothing, as it is one bit.
  var isPending = false
}

extension MachineFunction: EventTarget {
  func handleEvent(_ token: UInt64) {
    device.handleEvent(token)
  }

  /// Runs the handler of the vector that `token` names.
  func handleWork(_ token: UInt64) {
    let vector = Int(token)
    guard let route = routes[vector], route.isPending else { return }
    routes[vector]?.isPending = false
    timeline.charge(picoseconds: description.interrupts.entryNanoseconds &* 1_000)
    if let interrupts {
      clearBit(UInt64(interrupts.vectorOffset) + UInt64(vector), at: interrupts.vector.rawValue)
    }
    route.handler()
  }

  func raiseInterrupt(vector: Int) {
    guard vector >= 0, vector < messages.vectors, condition == .enabled else { return }
    if !configuration.sendsMessages || !configuration.isBusMaster || messages.isMasked(vector) {
      messages.setPending(vector)
      return
    }
    send(vector)
  }

  /// Sends what became possible to send, after a mask was lifted.
  func sendPendingMessages() {
    if !configuration.sendsMessages || !configuration.isBusMaster { return }
    while let vector = messages.takePending() { send(vector) }
  }

  /// The address that messages go to, as CLP's query group tells it (QEMU's `ZPCI_MSI_ADDR`).
  static let messageAddress: UInt64 = 0xfe00_0000_0000_0000

  /// Turns a message into an adapter interrupt (QEMU hw/s390x/s390-pci-bus.c,
  /// `s390_msi_ctrl_write`): the low 11 bits of the data are the interrupt's number.
  private func send(_ vector: Int) {
    let number = Int(messages.data(vector) & 0x7ff)
    guard messages.address(vector) == Self.messageAddress, let interrupts,
      number < Int(interrupts.count)
    else {
      totals.lostMessages &+= 1
      return
    }
    totals.messages &+= 1
    setBit(UInt64(interrupts.vectorOffset) + UInt64(number), at: interrupts.vector.rawValue)
    if interrupts.wantsSummary {
      setBit(UInt64(interrupts.summaryOffset), at: interrupts.summary.rawValue)
    }
    guard number < routes.count, let route = routes[number], !route.isPending else { return }
    routes[number]?.isPending = true
    let time = timeline.deviceTime &+ description.interrupts.latencyNanoseconds
    _ = timeline.cpus[route.cpu].work.schedule(
      at: time, target: target, token: UInt64(number))
  }

  /// Bits are numbered from the most significant of the first byte, as everywhere on s390.
  private func setBit(_ bit: UInt64, at address: UInt64) {
    let place = address &+ bit / 64 &* 8
    if !memory.bytes.contains(place, byteCount: 8) { return }
    let word = UInt64(bigEndian: memory.bytes.load64(place)) | 1 << (63 - bit % 64)
    memory.bytes.store64(word.bigEndian, place)
  }

  private func clearBit(_ bit: UInt64, at address: UInt64) {
    let place = address &+ bit / 64 &* 8
    if !memory.bytes.contains(place, byteCount: 8) { return }
    let word = UInt64(bigEndian: memory.bytes.load64(place)) & ~(1 << (63 - bit % 64))
    memory.bytes.store64(word.bigEndian, place)
  }
}
