import IOMMU
import Synchronization
import ZPCI

/// What a domain is bound to here: s390's tables in plain memory, and hardware that counts.
enum EntryPlatform: DMAPlatform {
  typealias Format = S390ThreeLevel
  typealias Memory = EntryMemory
  typealias Control = EntryControl
  typealias Timer = EntryTimer
  typealias Observer = NoObserver
}

/// A clock that stands still, and a timer that never fires.
struct EntryTimer: DomainTimer {
  func now() -> Instant { Instant(nanoseconds: 1) }
  func arm(_ purpose: TimerPurpose, after timeout: Nanoseconds, _ precision: TimerPrecision) {}
}

/// Hardware that counts what it is told to forget.
final class EntryControl: TranslationControl {
  let requiresMapSideInvalidation: Bool
  let claim = TranslationClaim()
  let issued = Atomic<UInt64>(0)

  init(isTold: Bool) { requiresMapSideInvalidation = isTold }

  var allowsDeferredInvalidation: Bool { true }
  var isTrusted: Bool { true }
  var aperture: IOVARange {
    IOVARange(first: IOVA(0), last: IOVA(.max)) ?? IOVARange(byte: IOVA(0))
  }

  func enableTranslation(
    root: PhysicalAddress, rootLevel: Int, aperture: IOVARange,
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}
  func disableTranslation(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {}
  func enableIdentity(
    by owner: borrowing TranslationOwner, on cpu: CPUIndex
  ) throws(ControlError) {
    throw .unsupported
  }
  func isInError(on cpu: CPUIndex) throws(ControlError) -> Bool { false }
  func recover(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}
  func reset(by owner: borrowing TranslationOwner, on cpu: CPUIndex) throws(ControlError) {}
  func invalidate(_ range: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    issued.wrappingAdd(1, ordering: .relaxed)
  }
  func invalidateAll(on cpu: CPUIndex) throws(ControlError) {
    issued.wrappingAdd(1, ordering: .relaxed)
  }
}
