import IOMMU
import Testing

@testable import MachineModel

@Suite("Recording work for a replay") struct ReplayRecorderTests {
  @Test("Times count from the first step and never run backwards")
  func times() {
    var recording = Recording()
    recording.map(1, at: 500, page: 1)
    recording.unmap(1, at: 520)
    recording.map(2, at: 510, page: 1)
    let stream = recording.stream()
    #expect(stream.operations.map(\.time) == [0, 20_000, 20_000])
    #expect(stream.durationNanoseconds == 20_000)
  }

  @Test("There are as many places as mappings were live at once, and each is used again")
  func places() {
    var recording = Recording()
    recording.map(1, at: 0, page: 1)
    recording.map(2, at: 1, runs: [(9, 3)])
    recording.unmap(1, at: 2)
    recording.map(3, at: 3, page: 4)
    let stream = recording.stream()
    #expect(stream.operations.map(\.place) == [0, 1, 0, 0])
    #expect(stream.places == 2)
    #expect(stream.maps == 3 && stream.unmaps == 1)
    #expect(stream.livePagesMax == 4 && stream.mappingPagesMax == 3)
  }

  @Test("What makes no sense is left out")
  func nonsense() {
    var recording = Recording()
    recording.unmap(5, at: 0)
    recording.map(1, at: 1, runs: [])
    recording.map(2, at: 2, page: 1)
    recording.map(2, at: 3, page: 2)
    let stream = recording.stream()
    #expect(stream.operations.count == 1 && stream.maps == 1 && stream.unmaps == 0)
  }

  @Test("A group ends with the processor's next unmap, after 50 us, or with the work")
  func groups() {
    var recording = Recording()
    recording.map(1, at: 0, page: 1)
    recording.map(2, at: 50, page: 2)
    recording.map(3, at: 51, page: 3)
    recording.map(4, at: 52, cpu: 1, page: 4)
    recording.map(5, at: 60, page: 5)
    recording.unmap(1, at: 61)
    recording.map(6, at: 62, page: 6)
    let stream = recording.stream()
    let maps = stream.operations.filter { $0.kind == .map }
    #expect(maps.map(\.endsGroup) == [false, true, false, true, true, true])
  }

  @Test("An unmap on another processor ends the group that made the mapping")
  func foreignUnmap() {
    var recording = Recording()
    recording.map(1, at: 0, page: 1)
    recording.map(2, at: 1, page: 2)
    recording.unmap(1, at: 2, cpu: 1)
    recording.map(3, at: 3, page: 3)
    let stream = recording.stream()
    #expect(stream.operations.map(\.endsGroup) == [false, true, false, true])
  }

  @Test("A buffer is as large as its bytes say, wherever the trace puts it")
  func hostileSegments() {
    let top = ReplayStream.Segment(first: .max - 5, byteCountMinusOne: 1 << 40)
    #expect(top.pageCount == 1 << 28 + 1)
    #expect(ReplayStream.Segment(first: 4_095, byteCountMinusOne: 1).pageCount == 2)
    #expect(ReplayStream.Segment(first: 1, byteCountMinusOne: .max).pageCount == 1 << 52)
  }
}
