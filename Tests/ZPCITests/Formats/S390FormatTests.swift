import IOMMU
import TestSupport
import Testing
import ZPCI

@Suite("s390 table formats")
struct S390FormatTests {
  @Test("Entries have the bits that Linux writes")
  func entries() {
    // Each as Linux's set_…, validate_… and entry_set_protected leave it.
    let table = PhysicalAddress(0x1234_4000)
    #expect(S390ThreeLevel.tableEntry(level: 2, child: table) == 0x1234_4007)
    #expect(S390ThreeLevel.tableEntry(level: 1, child: table) == 0x1234_4000)
    #expect(S390FourLevel.tableEntry(level: 3, child: table) == 0x1234_400b)
    #expect(S390FiveLevel.tableEntry(level: 4, child: table) == 0x1234_400f)
    let pageTable = PhysicalAddress(0x1234_4800)
    #expect(S390ThreeLevel.tableEntry(level: 1, child: pageTable) == 0x1234_4800)
    let page = PhysicalAddress(0x7fff_ffff_ffff_f000)
    #expect(S390ThreeLevel.leafEntry(page, .readWrite) == 0x7fff_ffff_ffff_f000)
    #expect(S390ThreeLevel.leafEntry(page, .read) == 0x7fff_ffff_ffff_f200)
    #expect(S390ThreeLevel.invalidEntry(level: 0) == 0x400)
    for level in 1...4 { #expect(S390FiveLevel.invalidEntry(level: level) == 0x20) }
  }

  @Test("What was written is read back, at every level")
  func roundTrip() {
    var random = SplitMix64(seed: 51)
    for _ in 0..<1_000 {
      let page = PhysicalAddress(random.next() & ~0xfff)
      for permission in [DevicePermission.read, .readWrite] {
        let entry = S390FiveLevel.leafEntry(page, permission)
        #expect(S390FiveLevel.isValid(entry, level: 0))
        #expect(S390FiveLevel.physical(of: entry) == page)
        #expect(S390FiveLevel.permission(of: entry) == permission)
      }
      for level in 1...4 {
        let mask: UInt64 = level == 1 ? 0x7ff : 0x3fff
        let table = PhysicalAddress(random.next() & ~mask)
        let entry = S390FiveLevel.tableEntry(level: level, child: table)
        #expect(S390FiveLevel.isValid(entry, level: level))
        #expect(S390FiveLevel.child(of: entry, level: level) == table)
      }
    }
    for level in 0...4 {
      #expect(!S390FiveLevel.isValid(S390FiveLevel.invalidEntry(level: level), level: level))
    }
  }

  @Test("Each further level multiplies the reach by 2048, up to all 64 bits")
  func reach() {
    #expect(
      TranslationTable<S390TwoLevel, HostTableMemory<BigEndian>>.reach.last == IOVA(0x7fff_ffff))
    #expect(
      TranslationTable<S390ThreeLevel, HostTableMemory<BigEndian>>.reach.last == IOVA((1 << 42) - 1)
    )
    #expect(
      TranslationTable<S390FourLevel, HostTableMemory<BigEndian>>.reach.last == IOVA((1 << 53) - 1))
    #expect(TranslationTable<S390FiveLevel, HostTableMemory<BigEndian>>.reach.last == IOVA(.max))
  }
}

@Suite("IOAT designation")
struct IOATDesignationTests {
  @Test("A three-level table is designated as origin | 0x804, as Linux and QEMU have it")
  func types() {
    let root = PhysicalAddress(0xab_c000)
    #expect(IOATDesignation(root: root, rootLevel: 1)?.rawValue == 0xab_c800)
    #expect(IOATDesignation(root: root, rootLevel: 2)?.rawValue == 0xab_c804)
    #expect(IOATDesignation(root: root, rootLevel: 3)?.rawValue == 0xab_c808)
    #expect(IOATDesignation(root: root, rootLevel: 4)?.rawValue == 0xab_c80c)
  }

  @Test("A designation tells the table and level that it was made of")
  func decode() throws {
    for level in 1...4 {
      let root = PhysicalAddress(0xfff_ffff_ffff_c000)
      let designation = try #require(IOATDesignation(root: root, rootLevel: level))
      #expect(designation.isTranslating)
      #expect(!designation.isProtected)
      #expect(designation.root == root)
      #expect(designation.rootLevel == level)
    }
    #expect(IOATDesignation(rawValue: 0xab_ca04).isProtected)
  }

  @Test("Other levels and crooked roots are refused; no translation has no level")
  func refusals() {
    let root = PhysicalAddress(0xab_c000)
    #expect(IOATDesignation(root: root, rootLevel: 0) == nil)
    #expect(IOATDesignation(root: root, rootLevel: 5) == nil)
    #expect(IOATDesignation(root: PhysicalAddress(0xab_d000), rootLevel: 2) == nil)
    #expect(IOATDesignation.untranslated.rawValue == 0)
    #expect(!IOATDesignation.untranslated.isTranslating)
    #expect(IOATDesignation.untranslated.rootLevel == nil)
    // Type 5 names a page frame, no table.
    #expect(IOATDesignation(rawValue: 0xab_c814).rootLevel == nil)
  }
}
