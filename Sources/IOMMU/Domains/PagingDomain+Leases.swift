/// Beginning leases, and ending those that no mapping needs any more.
extension PagingDomain {
  /// Chunks that are looked at for each lease that begins: so the tables that are kept for nothing
  /// are fewer than an eighth of the aperture's, and those of the option ``emptyTableLimit``.
  @inlinable static var visitsPerLease: Int { 8 }

  /// Leases that are ended at the most for each that begins: each may leave a table to be freed.
  @inlinable static var endingsPerLease: Int { 2 }

  /// Gives the chunk of a page that was just mapped a lease, for the pages to come.
  @inlinable
  @inline(never)
  func lease(_ device: IOVARange, on cpu: CPUIndex) {
    let isNew = scheme.lease(chunkOf: device.first) {
      do throws(TableError) {
        return try table.lease(around: device.first)
      } catch {
        // Pages are counted one by one then.
        return nil
      }
    }
    if !isNew { return }
    endIdleLeases(visits: Self.visitsPerLease, endings: Self.endingsPerLease)
    limitEmptyTables(on: cpu)
  }

  @inlinable
  func endIdleLeases(visits: Int, endings: Int) {
    scheme.endIdleLeases(visits: visits, endings: endings) { table.endLease(around: $0) }
  }
}
