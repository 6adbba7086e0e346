public import Synchronization

/// A leaf table at hand, so that reading one page after the other takes no walk.
///
/// Reading needs no pin: a table that was unlinked and even freed meanwhile is noticed by the
/// table's count of frees, and the read is done again. So what is returned was the entry of that
/// page at some time during the call.
@frozen
@usableFromInline
struct LeafReader<Format: TableFormat, Memory: TableMemory>: Sendable {
  /// The span that `leaf` belongs to; -1 for none.
  @usableFromInline var index = -1
  @usableFromInline var leaf: UInt64 = 0
  @usableFromInline var epoch: UInt64 = 0

  @inlinable
  init() {}

  /// Whether the span read last had no leaf table.
  @inlinable
  var isAbsent: Bool { leaf == 0 }

  /// The valid leaf entry of the page that `address`, an address of the aperture, lies in.
  @inlinable
  mutating func entry(
    of address: IOVA, in table: borrowing TranslationTable<Format, Memory>
  ) -> UInt64? {
    let wanted = table.spanIndex(address)
    if wanted != index {
      index = wanted
      find(in: table)
    }
    while true {
      if leaf == 0 { return nil }
      let slot = TranslationTable<Format, Memory>.leafEntryAddress(address.rawValue, in: leaf)
      YieldPoint.reached(.load, TranslationTable<Format, Memory>.entries(at: slot))
      let entry = table.memory.loadEntry(at: slot)
      // The entry was read acquiring: had the table been freed and used anew before, the count
      // would show it. It counts up before the memory is given back.
      YieldPoint.reached(.load, table.shared)
      if table.freeEpoch.load(ordering: .acquiring) == epoch {
        return Format.isValid(entry, level: 0) ? entry : nil
      }
      find(in: table)
    }
  }

  @inlinable
  mutating func find(in table: borrowing TranslationTable<Format, Memory>) {
    YieldPoint.reached(.load, table.shared)
    epoch = table.freeEpoch.load(ordering: .acquiring)
    YieldPoint.reached(.load, table.shared.part(index))
    let word = table.directory[index].load(ordering: .acquiring)
    // A claimed word has no address: a table that is being made or removed translates nothing.
    leaf = word & TranslationTable<Format, Memory>.addressMask
  }
}
