/// The best that can be had: of points with a gain and a cost, those that no other point beats.
///
/// A point beats another if it gains no less for no more, and is better in one of the two. Of
/// points that are equal in both, the first stands for all. Infinite gains and costs are ordinary
/// values; there must be no NaN.
public enum ParetoFront {
  /// The indices of the points on the front, by rising cost and so by rising gain.
  ///
  /// Complexity: O(n log n).
  public static func indices<Point>(
    of points: [Point], gain: (Point) -> Double, cost: (Point) -> Double
  ) -> [Int] {
    let sorted = points.indices.sorted { left, right in
      let costs = (cost(points[left]), cost(points[right]))
      if costs.0 != costs.1 { return costs.0 < costs.1 }
      let gains = (gain(points[left]), gain(points[right]))
      return gains.0 != gains.1 ? gains.0 > gains.1 : left < right
    }
    var front: [Int] = []
    var best: Double?
    for index in sorted {
      let gain = gain(points[index])
      if let best, gain <= best { continue }
      best = gain
      front.append(index)
    }
    return front
  }
}
