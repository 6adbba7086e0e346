import IOMMU
import PlainPlatform
import Synchronization
import Workloads
import ZPCI

/// Which of the library's checks run in this program: each is put to the test.
package enum Checks {
  /// Whether the compiler left out what ordinary release builds check.
  package static var isUnchecked: Bool { _isFastAssertConfiguration() }

  /// Whether debug builds' checks are in, whose figures mean nothing.
  package static var isDebug: Bool { _isDebugAssertConfiguration() }

  /// Prints one line for each check.
  package static func print() {
    line(!isUnchecked, "traps: bounds, overflow, preconditions")
    line(catchesForeignToken(), "a token of another domain is refused")
    line(catchesDroppedToken(), "a token that is dropped has its pages quarantined")
    line(catchesChangedEntry(pages: 1), "one page's entry is looked at when it is cleared")
    line(catchesChangedEntry(pages: 16), "a range's entries are looked at when they are cleared")
    line(catchesChangedEntry(pages: 256), "and a whole leaf table's, of which the count tells too")
    line(NoObserver.measuresStaleTime, "the time for which pages are stale is measured")
    line(MemoryLayout<SharedObject>.size != 0, "yield points for explorers of interleavings")
    line(isDebug, "assertions of debug builds")
  }

  private static func line(_ isOn: Bool, _ what: String) {
    Swift.print("\(isOn ? "on " : "off")  \(what)")
  }

  private typealias Subject = MappingSubject<RolloverScheme>

  private static func subject() -> Subject? {
    let choice = SchemeChoice(
      policy: .rollover(age: nil, stale: nil),
      aperture: IOVARange(first: IOVA(0), byteCount: 1 << 30) ?? IOVARange(byte: IOVA(0)),
      cpus: 1, kernel: .linux6_12, cost: .shadowed)
    guard case .rollover(let scheme) = choice.made else { return nil }
    return MappingSubject(
      scheme, announced: false, options: PagingDomainOptions(), tableBytes: 64 << 20)
  }

  private static func take(
    _ pages: UInt64, _ buffer: UInt64 = 1, of subject: Subject
  ) -> Mapping<FromDevice>? {
    do throws(NothingFree) {
      return try subject.take(pages, buffer: buffer, on: .boot)
    } catch {
      return nil
    }
  }

  private static func catchesForeignToken() -> Bool {
    guard let one = subject(), let other = subject(), let token = take(1, of: one) else {
      return false
    }
    other.give(token, on: .boot)
    return one.domain.quarantineRecord.pages == 1
  }

  private static func catchesDroppedToken() -> Bool {
    guard let subject = subject() else { return false }
    drop(take(1, of: subject))
    return subject.domain.quarantineRecord.pages == 1
  }

  private static func drop(_ token: consuming Mapping<FromDevice>?) {}

  private static func catchesChangedEntry(pages: UInt64) -> Bool {
    // The second page is mapped through the lease that the first one began.
    guard let subject = subject(), let first = take(pages, 1_000, of: subject),
      let token = take(pages, 2_000, of: subject)
    else { return false }
    subject.give(first, on: .boot)
    subject.forget(token.memory.first)
    subject.give(token, on: .boot)
    return subject.domain.quarantineRecord.pages == pages
  }
}

extension MappingSubject {
  /// Makes the entry for `memory` invalid behind the domain's back.
  fileprivate func forget(_ memory: PhysicalAddress) {
    let tables = self.memory.tables
    let wanted = S390ThreeLevel.leafEntry(memory, FromDevice.permission)
    for place in 0..<UInt64(tables.pool.bytesInUse / 8) {
      guard let address = PlainMemory.base.advanced(by: 8 * place) else { return }
      if tables.loadEntry(at: address) != wanted { continue }
      tables.storeEntry(S390ThreeLevel.invalidEntry(level: 0), at: address)
    }
  }
}
