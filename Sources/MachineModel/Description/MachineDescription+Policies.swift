public import IOMMU
import ZPCI

extension MachineDescription {
  /// What a policy is told of this machine's costs.
  public var invalidationCost: InvalidationCost {
    switch translation {
    case .shadowed:
      // Picoseconds times 1,024, in thousandths: nothing below a nanosecond in 1,024 is told.
      return InvalidationCost(
        instruction: Nanoseconds(refresh.trapNanoseconds),
        kibipage: Nanoseconds(refresh.pageScannedPicoseconds * 1_024 / 1_000),
        kibitable: Nanoseconds(refresh.tableScannedPicoseconds * 1_024 / 1_000),
        absentTables: refresh.absentTables == .scanned ? .scanned : .skipped,
        tablePagesLog2: S390ThreeLevel.indexBits(level: 0))
    case .direct:
      return InvalidationCost(
        instruction: Nanoseconds(refresh.flushNanoseconds), kibipage: Nanoseconds(0))
    }
  }
}
