import Synchronization
import Testing

@testable import IOMMU

/// The list that invalidations walk without a lock, at the moments when another processor is in
/// the middle of it.
@Suite struct AttachmentListTests {
  private typealias List = AttachmentList<RecordingControl>

  /// What a walk does that finds a slot closed, up to the point where it leaves again.
  private func lookIn(_ list: List) {
    #expect(list.slots[0].state.add(2, ordering: .acquiringAndReleasing).oldValue & 1 == 0)
  }

  private func lookAway(_ list: List) {
    list.slots[0].state.subtract(2, ordering: .releasing)
  }

  @Test func aWalkThatLooksIntoAClosedSlotWhileItIsOpenedIsNotLostCount() {
    let list = List()
    let control = RecordingControl()
    lookIn(list)
    #expect(list.insert(control))
    lookAway(list)
    #expect(list.slots[0].state.load(ordering: .relaxed) == 1)
    let slot = list.close(control)
    // Nobody is in it: draining would end.
    let left = list.slots[0].state.load(ordering: .relaxed)
    #expect(slot == 0 && left == 0)
    if left != 0 { return }
    list.drain(0)
    list.vacate(0)
    #expect(list.count == 0 && !list.contains(control))
  }

  @Test func aSlotThatIsWaitedForIsNotGivenToAnother() {
    let list = List()
    let first = RecordingControl()
    let second = RecordingControl()
    #expect(list.insert(first))
    var seen: [ObjectIdentifier] = []
    list.forEach { control in
      seen.append(ObjectIdentifier(control))
      // Another group takes the device off and adds one, while this walk is using it.
      if control !== first { return }
      #expect(list.close(first) == 0)
      #expect(list.insert(second))
      #expect(list.slots[0].holds(first) && list.slots[1].holds(second))
    }
    #expect(seen == [ObjectIdentifier(first)])
    list.drain(0)
    list.vacate(0)
    seen = []
    list.forEach { seen.append(ObjectIdentifier($0)) }
    #expect(seen == [ObjectIdentifier(second)])
  }

  @Test func aDeviceIsKeptWhileItIsListedAndLetGoWithItsSlotOrTheList() {
    weak var slot: RecordingControl?
    weak var list: RecordingControl?
    do {
      let devices = List()
      for index in 0..<2 {
        let control = RecordingControl()
        #expect(devices.insert(control))
        if index == 0 { slot = control } else { list = control }
      }
      #expect(slot != nil && list != nil)
      if let slot, let index = devices.close(slot) { devices.vacate(index) }
      #expect(slot == nil && list != nil)
    }
    #expect(list == nil)
  }
}
