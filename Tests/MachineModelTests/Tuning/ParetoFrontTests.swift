import Testing

@testable import MachineModel

@Suite("Pareto front") struct ParetoFrontTests {
  struct Point: Equatable {
    var gain: Double
    var cost: Double
  }

  func front(_ points: [Point]) -> [Int] {
    ParetoFront.indices(of: points, gain: \.gain, cost: \.cost)
  }

  /// Every point against every other: one is out if another is as good in both and better in one,
  /// or the same and earlier.
  func oracle(_ points: [Point]) -> Set<Int> {
    Set(
      points.indices.filter { index in
        !points.indices.contains { other in
          let (point, rival) = (points[index], points[other])
          if rival == point { return other < index }
          return rival.gain >= point.gain && rival.cost <= point.cost
        }
      })
  }

  @Test("It holds exactly the points that no other beats, by rising cost", arguments: 1...40)
  func againstOracle(seed: Int) {
    var random = RandomStream(seed: UInt64(seed), name: "points")
    // Few values, so that there are many ties; one in eight is infinite.
    func value() -> Double {
      random.next(below: 8) == 0 ? .infinity : Double(random.next(below: 12))
    }
    for _ in 0..<25 {
      let points = (0..<Int(random.next(below: 40))).map { _ in
        Point(gain: value(), cost: value())
      }
      let front = front(points)
      #expect(Set(front) == oracle(points))
      #expect(Set(front).count == front.count)
      for (left, right) in zip(front, front.dropFirst()) {
        #expect(points[left].cost < points[right].cost && points[left].gain < points[right].gain)
      }
    }
  }

  @Test("Of equal points the first stands for all; no points have no front")
  func ties() {
    let point = Point(gain: 1, cost: 1)
    #expect(front([Point(gain: 0, cost: 1), point, point, point]) == [1])
    #expect(front([]) == [])
  }
}
