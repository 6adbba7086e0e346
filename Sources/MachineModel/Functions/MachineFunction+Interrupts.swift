import IOMMU

extension MachineFunction {
  /// Forgets who handles its interrupts.
  func dropRoutes() {
    for vector in 0..<routes.count { routes[vector] = nil }
  }
}
import ZPCI

extension MachineFunction: EventTarget {
  func handleEvent(_ token: UInt64) {
    device.handleEvent(token)
  }

  /// Runs the handler of the vector that `token` names, on the processor that it was routed to.
  func handleWork(_ token: UInt64) {
    let vector = Int(token)
    guard vector < routes.count, let route = routes[vector], route.isPending else {
      return
    }
    routes[vector]?.isPending = false
    timeline.charge(picoseconds: description.interrupts.entryNanoseconds &* 1_000)
    route.handler()
  }

  func raiseInterrupt(vector: Int) {
    guard vector >= 0, vector < messages.value.vectors, condition == .enabled else { return }
    if !configuration.value.sendsMessages || !configuration.value.isBusMaster
      || messages.value.isMasked(vector)
    {
      messages.value.setPending(vector)
      return
    }
    send(vector)
  }

  /// Sends what became possible to send, after a mask was lifted.
  func sendPendingMessages() {
    if !configuration.value.sendsMessages || !configuration.value.isBusMaster { return }
    while let vector = messages.value.takePending() { send(vector) }
  }

  /// The address that messages go to, as CLP's query group tells it (QEMU's `ZPCI_MSI_ADDR`).
  static let messageAddress: UInt64 = 0xfe00_0000_0000_0000

  /// Turns a message into an interrupt: the low 11 bits of the data are its number.
  ///
  /// A number that was routed to a processor goes there and leaves no mark in memory. Any other
  /// sets its bit in memory, and the summary bit, whose change makes an interrupt of the subclass
  /// (QEMU hw/s390x/s390-pci-bus.c, `s390_msi_ctrl_write`).
  private func send(_ vector: Int) {
    let number = Int(messages.value.data(vector) & 0x7ff)
    guard messages.value.address(vector) == Self.messageAddress, let interrupts,
      number < Int(interrupts.count)
    else {
      totals.value.lostMessages &+= 1
      return
    }
    totals.value.messages &+= 1
    if number < routes.count, let route = routes[number] {
      if route.isPending { return }
      routes[number]?.isPending = true
      _ = timeline.cpus[route.cpu].work.schedule(
        at: timeline.deviceTime &+ description.interrupts.latencyNanoseconds, target: target,
        token: UInt64(number))
      return
    }
    _ = setBit(UInt64(interrupts.vectorOffset) + UInt64(number), at: interrupts.vector.rawValue)
    if !interrupts.wantsSummary { return }
    let wasClear = setBit(UInt64(interrupts.summaryOffset), at: interrupts.summary.rawValue)
    if wasClear { adapterInterrupts.raise(Int(interrupts.subclass)) }
  }

  /// Sets a bit in memory; whether it was 0 before.
  ///
  /// Bits are numbered from the most significant of the first byte, as everywhere on s390.
  private func setBit(_ bit: UInt64, at address: UInt64) -> Bool {
    let place = address &+ bit / 64 &* 8
    if !memory.bytes.contains(place, byteCount: 8) { return false }
    let word = UInt64(bigEndian: memory.bytes.load64(place))
    let mask: UInt64 = 1 << (63 - bit % 64)
    memory.bytes.store64((word | mask).bigEndian, place)
    memory.noteStore(place, byteCount: 8)
    return word & mask == 0
  }
}
