/// Why a translation table did not do what it was asked; no translation was changed.
public enum TableError: Error, Equatable {
  /// The range does not begin or does not end on a granule.
  case misaligned(IOVARange)
  /// The memory does not begin, or a segment of it does not end, on a granule.
  case misalignedPhysical(PhysicalAddress)
  /// The range leaves the aperture that the table was created for.
  case outsideAperture(IOVARange)
  /// The memory from here on leaves what an entry of the format can name, up to and with `limit`.
  case beyondFormat(PhysicalAddress, limit: PhysicalAddress)
  /// A page is mapped already: the first such page, or the request where it vanished meanwhile.
  case overlap(IOVARange)
  /// The page at this address, the first of the range that is so, is not mapped.
  case notMapped(IOVA)
  /// The segments hold another number of pages than the range they were to fill.
  case wrongLength(expected: PageCount, given: PageCount)
  /// No memory was to be had for a table.
  case noMemory(TableMemoryError)
}
