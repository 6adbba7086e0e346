import Testing

@testable import IOMMUTool

@Suite("What an image says of its processors") struct BootWayTests {
  private let lines = """
    processor number=0 requests=544 looks=27 waits=26 interruptions=19 signals=6 alarms=1 silences=0
    processor number=1 requests=512 looks=22 waits=20 interruptions=16 signals=4 alarms=0 silences=0
    row requests=1056
    """
  private let way = BootWay(completion: .interrupt, processors: 2)

  private func split(_ text: String) -> [String] {
    text.split(separator: "\n").map { String($0) }
  }

  @Test("Each has a line and a note")
  func told() {
    let processors = BootProcessor.all(in: split(lines))
    #expect(processors.map(\.requests) == [544, 512])
    #expect(way.complaint(processors, requests: 1_056) == nil)
    #expect(
      way.notes(processors, policy: "strict").first
        == "strict: processor 0: 544 requests, 27 looks in vain, 26 waits, ended by the function "
        + "19, by processors 6, by the clock 1")
    #expect(BootWay().notes(processors, policy: "strict").isEmpty)
  }

  @Test(
    "What is wrong is told",
    arguments: [
      ("number=1", "numbers=1", "1 processors told of themselves, not 2"),
      ("requests=544", "requests=543", "the processors' requests are not those of the row"),
      ("silences=0", "silences=2", "processor 0 waited for seconds, 2 times, and nothing came"),
      ("waits=26", "waits=27", "processor 0 waited 27 times and took 26 interruptions"),
    ]) func complaint(_ from: String, _ to: String, _ told: String)
  {
    let processors = BootProcessor.all(in: split(lines.replacing(from, with: to)))
    #expect(way.complaint(processors, requests: 1_056) == told)
  }

  @Test("A processor without requests took no part")
  func idle() {
    let idle = lines.replacing("requests=512", with: "requests=0")
    #expect(
      way.complaint(BootProcessor.all(in: split(idle)), requests: 544)
        == "processor 1 made no request")
  }

  @Test("What is not as usual is said to the image, and nothing else")
  func words() {
    #expect(BootWay().words.isEmpty)
    #expect(way.words.map(\.0) == ["processors", "interrupts"])
    #expect(way.words.map(\.1) == [2, 1])
  }
}
