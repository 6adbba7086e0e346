/// What is wrong with a description of a machine.
public struct MachineDescriptionError: Error, Equatable, Sendable {
  /// The field, as in ``MachineDescription``; fields of its parts are written `part.field`.
  public let field: String
  /// What it holds.
  public let value: String
  /// What it may hold.
  public let expected: String
}

extension MachineDescriptionError: CustomStringConvertible {
  /// One line for a user.
  public var description: String { "\(field) is \(value); expected \(expected)" }
}

extension MachineDescription {
  /// Checks every field.
  ///
  /// Throws: for the first field, in the order of declaration, that cannot be.
  public func validate() throws(MachineDescriptionError) {
    try check("cpus", UInt64(max(cpus, 0)), in: 1...256)
    // Cached translations hold 30 bits of page number, of which the last means "outside".
    try check("memoryBytes", memoryBytes, in: (4 << 20)...(2 << 40))
    try multiple("memoryBytes", memoryBytes, of: 1 << 20)
    try check("tableMemoryBytes", tableMemoryBytes, in: (1 << 20)...(memoryBytes - (2 << 20)))
    try multiple("tableMemoryBytes", tableMemoryBytes, of: 1 << 20)
    // A region-third table, the only kind of root that is taken, reaches 4 TiB.
    try check("apertureFirst", apertureFirst, in: 0...((4 << 40) - (1 << 20)))
    try multiple("apertureFirst", apertureFirst, of: 1 << 20)
    try check("apertureBytes", apertureBytes, in: (1 << 20)...((4 << 40) - apertureFirst))
    try multiple("apertureBytes", apertureBytes, of: 1 << 20)
    try check("timerHertz", timerHertz, in: 1...1_000_000)
    try validateRefresh()
    try validateCosts()
    try validateNVMe()
  }

  private func validateRefresh() throws(MachineDescriptionError) {
    try nanoseconds("refresh.trapNanoseconds", refresh.trapNanoseconds)
    try picoseconds("refresh.pageScannedPicoseconds", refresh.pageScannedPicoseconds)
    try picoseconds("refresh.tableScannedPicoseconds", refresh.tableScannedPicoseconds)
    try picoseconds("refresh.pageChangedPicoseconds", refresh.pageChangedPicoseconds)
    if let limit = refresh.pinnedPagesMax {
      try check("refresh.pinnedPagesMax", limit, in: 1...UInt64(UInt32.max))
    }
    try nanoseconds("refresh.flushNanoseconds", refresh.flushNanoseconds)
    try nanoseconds("interrupts.latencyNanoseconds", interrupts.latencyNanoseconds)
    try nanoseconds("interrupts.entryNanoseconds", interrupts.entryNanoseconds)
  }

  private func validateCosts() throws(MachineDescriptionError) {
    try nanoseconds("costs.controlNanoseconds", costs.controlNanoseconds)
    try nanoseconds("costs.loadNanoseconds", costs.loadNanoseconds)
    // A loop that polls a register or memory has to get on, so these are never free.
    if costs.loadNanoseconds == 0 { throw refused("costs.loadNanoseconds", 0, "1 or more") }
    try nanoseconds("costs.storeNanoseconds", costs.storeNanoseconds)
    try nanoseconds("costs.storeBlockNanoseconds", costs.storeBlockNanoseconds)
    try check("costs.sharedLoadPicoseconds", costs.sharedLoadPicoseconds, in: 1...Self.longest)
    try check("costs.clockPicoseconds", costs.clockPicoseconds, in: 1...Self.longest)
    try check("costs.copyPicosecondsPerByte", costs.copyPicosecondsPerByte, in: 0...1_000_000)
    try picoseconds("costs.submitPicoseconds", costs.submitPicoseconds)
    try picoseconds("costs.completePicoseconds", costs.completePicoseconds)
    try picoseconds("costs.instructionPicoseconds", costs.instructionPicoseconds)
    try picoseconds("costs.treeStepPicoseconds", costs.treeStepPicoseconds)
    try picoseconds("costs.queueEntryPicoseconds", costs.queueEntryPicoseconds)
    try picoseconds("costs.bitmapWordPicoseconds", costs.bitmapWordPicoseconds)
    try picoseconds("costs.neighbourWordPicoseconds", costs.neighbourWordPicoseconds)
    try picoseconds("costs.rangeBegunPicoseconds", costs.rangeBegunPicoseconds)
  }

  private func validateNVMe() throws(MachineDescriptionError) {
    try nanoseconds("nvme.fetchNanoseconds", nvme.fetchNanoseconds)
    try nanoseconds("nvme.readNanoseconds", nvme.readNanoseconds)
    try nanoseconds("nvme.writeNanoseconds", nvme.writeNanoseconds)
    try nanoseconds("nvme.flushNanoseconds", nvme.flushNanoseconds)
    try check("nvme.channels", UInt64(max(nvme.channels, 0)), in: 1...65_536)
    try check(
      "nvme.transferPicosecondsPerByte", nvme.transferPicosecondsPerByte, in: 0...1_000_000)
    try check("nvme.jitterThousandths", nvme.jitterThousandths, in: 0...1_000)
  }

  /// A second, in picoseconds: the longest that any one piece of work may take.
  private static let longest: UInt64 = 1_000_000_000_000

  private func picoseconds(_ field: String, _ value: UInt64) throws(MachineDescriptionError) {
    try check(field, value, in: 0...Self.longest)
  }

  private func nanoseconds(_ field: String, _ value: UInt64) throws(MachineDescriptionError) {
    try check(field, value, in: 0...(Self.longest / 1_000))
  }

  private func check(
    _ field: String, _ value: UInt64, in range: ClosedRange<UInt64>
  ) throws(MachineDescriptionError) {
    if range.contains(value) { return }
    throw refused(field, value, "\(range.lowerBound) to \(range.upperBound)")
  }

  private func multiple(
    _ field: String, _ value: UInt64, of unit: UInt64
  ) throws(MachineDescriptionError) {
    if value % unit != 0 { throw refused(field, value, "a multiple of \(unit)") }
  }

  private func refused(
    _ field: String, _ value: UInt64, _ expected: String
  ) -> MachineDescriptionError {
    MachineDescriptionError(field: field, value: String(value), expected: expected)
  }
}
