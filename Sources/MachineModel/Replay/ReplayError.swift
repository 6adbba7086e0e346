public import IOMMU

/// Why recorded work cannot be repeated on a machine.
public enum ReplayError: Error, Equatable {
  /// A mapping has more pages than the device has addresses.
  case mappingTooLarge(pages: UInt64, aperturePages: UInt64)
  /// More pages are mapped at once than the device has addresses.
  case tooMuchMapped(pages: UInt64, aperturePages: UInt64)
  /// The machine has no room for a buffer of so many pages.
  case noRoom(pages: UInt64, memoryBytes: UInt64)
  /// Step number `operation` of the work, from 0, was refused.
  case refused(operation: Int, MapError)
}

extension ReplayError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .mappingTooLarge(let pages, let aperturePages):
      "a recorded mapping has \(pages) pages, the machine's aperture \(aperturePages)"
    case .tooMuchMapped(let pages, let aperturePages):
      "\(pages) pages are mapped at once, and the machine's aperture has \(aperturePages)"
    case .noRoom(let pages, let memoryBytes):
      "a recorded buffer of \(pages) pages does not fit \(memoryBytes) bytes of memory"
    case .refused(let operation, let error):
      "step \(operation) of the recorded work failed: \(error)"
    }
  }
}
