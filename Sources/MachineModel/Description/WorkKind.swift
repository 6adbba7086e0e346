/// One kind of work that a round of requests takes of the stack, priced by itself.
///
/// The raw value is the key's name in a machine file.
public enum WorkKind: String, CaseIterable, Sendable, Codable {
  /// A round: its doorbell, and the look that takes all of its completions.
  case round
  /// A request of one page, from its submission to its unmapping, under `strict`.
  case treeRequest
  /// The same under `queue`, with its way into the queue and out of it.
  case queueRequest
  /// The same under `single-queue`, whose kernel soon gives up looking below 4 GiB first.
  case singleQueueRequest
  /// The same under `legacy` and `legacy-strict`.
  case bitmapRequest
  /// The same under `rollover`.
  case rolloverRequest
  /// A request that gets an old translation back, with `+reuse`.
  case reusedRequest
  /// What a request of several pages takes beyond its pages.
  case longRequest
  /// What it takes besides under `rollover`, where a run of pages has to be found.
  case rolloverRun
  /// A further page of a request, under `strict` and the queues.
  case treePage
  /// The same under `legacy` and `legacy-strict`.
  case bitmapPage
  /// The same under `rollover`.
  case rolloverPage
  /// An invalidation of a range.
  case rangeInvalidation
  /// An invalidation of everything.
  case globalInvalidation
  /// A table of translations that is made.
  case table
  /// A step down the tree of addresses.
  case treeStep
  /// A page in a magazine that is passed over.
  case magazineEntry
  /// A look into a magazine that passes pages over.
  case magazineSearch
  /// With `+batch`, a mapping that is noted for the doorbell instead of being announced at once.
  case postponement
  /// With `+batch`, a doorbell that announces mappings, beside its invalidations.
  case announcement
  /// With `+reuse`, a mapping whose old translation is looked for in vain.
  case reuseMiss
  /// With `+reuse`, a translation that is kept, and another given up for it.
  case parking
  /// A word of 64 pages that is looked at for stale neighbours, with its share of what else a look
  /// takes.
  case neighbourWord
  /// The bookkeeping of an invalidation of a range with stale pages, and freeing these.
  case rangeBegun
  /// With a bound on the stale share, a look at it.
  case staleCheck
  /// With a bound on age, a look at the timer.
  case ageCheck
}

/// A number for each kind of work: how often it was done, or what it costs.
public struct WorkTable<Number: Sendable & Codable & Equatable>: Equatable, Sendable, Codable {
  private var numbers: [Number]

  /// The same number for each.
  public init(repeating number: Number) {
    numbers = Array(repeating: number, count: WorkKind.allCases.count)
  }

  /// The number of one kind.
  public subscript(kind: WorkKind) -> Number {
    get { numbers[Self.places[kind] ?? 0] }
    set { numbers[Self.places[kind] ?? 0] = newValue }
  }

  private static var places: [WorkKind: Int] { workPlaces }
}

private let workPlaces: [WorkKind: Int] = {
  var places: [WorkKind: Int] = [:]
  for (place, kind) in WorkKind.allCases.enumerated() { places[kind] = place }
  return places
}()

extension WorkTable<UInt64> {
  /// What this work costs in instructions at `thousandths` of an instruction for each kind; `nil`
  /// where that says nothing, as it is zero throughout.
  public func instructions(at thousandths: WorkTable<UInt64>) -> Double? {
    if thousandths == WorkTable(repeating: 0) { return nil }
    var sum = 0.0
    for kind in WorkKind.allCases { sum += Double(self[kind]) * Double(thousandths[kind]) }
    return sum / 1_000
  }
}
