import IOMMU

/// Whole mappings under `+batch`: a doorbell after each thirty-second makes them known.
///
/// A type of its own, so that other mappings do not pay for the question.
final class BatchedSubject<Scheme: InvalidationScheme>: Subject {
  typealias Token = Mapping<FromDevice>

  private let base: MappingSubject<Scheme>

  init(_ base: MappingSubject<Scheme>) { self.base = base }

  @inline(__always)
  func take(
    _ pages: UInt64, buffer: UInt64, on cpu: CPUIndex
  ) throws(NothingFree) -> Mapping<FromDevice> {
    let token = try base.take(pages, buffer: buffer, on: cpu)
    if buffer & 31 == 0 { base.ring(on: cpu) }
    return token
  }

  @inline(__always)
  func give(_ token: consuming Mapping<FromDevice>, on cpu: CPUIndex) {
    base.give(token, on: cpu)
  }

  @inline(__always)
  static func addresses(of token: borrowing Mapping<FromDevice>) -> IOVARange { token.device }

  var invalidations: UInt64 { base.invalidations }
  var tableBytes: Int { base.tableBytes }
  var arenaBytes: UInt64 { base.arenaBytes }
}

extension MappingSubject {
  /// What a driver does before it rings the doorbell.
  @inline(__always)
  func ring(on cpu: CPUIndex) {
    do throws(MapError) {
      try domain.synchronize(on: cpu)
    } catch {
      fatalError("hardware that only counts has failed: \(error)")
    }
  }
}
