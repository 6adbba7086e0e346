import IOMMU
import PlainPlatform
import Workloads

/// Addresses alone: a policy's scheme without tables, its invalidations only counted.
final class AddressSubject<Scheme: InvalidationScheme>: Subject, InvalidationIssuer {
  typealias Token = IOVARange

  let scheme: Scheme
  private let issued = Tally()

  init(_ scheme: Scheme) { self.scheme = scheme }

  @inline(__always)
  func take(_ pages: UInt64, buffer: UInt64, on cpu: CPUIndex) throws(NothingFree) -> IOVARange {
    do throws(IOVAAllocationError) {
      return try scheme.allocate(IOVARequest(pages: PageCount(pages)), on: cpu, issuer: self)
    } catch {
      throw NothingFree()
    }
  }

  @inline(__always)
  func give(_ token: consuming IOVARange, on cpu: CPUIndex) {
    scheme.retire(token, since: now(), on: cpu, issuer: self)
  }

  static func addresses(of token: borrowing IOVARange) -> IOVARange { copy token }

  var tableBytes: Int { 0 }
  var arenaBytes: UInt64 { 0 }

  var invalidations: UInt64 { issued.sum }

  func flush(_ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    issued.add(on: cpu)
    return true
  }

  func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    let epoch = scheme.beginGlobalInvalidation()
    issued.add(on: cpu)
    scheme.endGlobalInvalidation(epoch, on: cpu)
    return true
  }

  func quarantine(_ range: IOVARange) {}
  func account(freed pages: UInt64, oldest since: Instant) {}
  var tablesInUse: UInt64 { 1 }
  func now() -> Instant { Instant(nanoseconds: 1) }
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
}
