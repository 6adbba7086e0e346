import IOMMU

/// What tasks touch, as the engine knows it.
struct ExploredObject: Sendable {
  let name: UInt64

  /// An object of the calling thread's run, called `text` in schedules.
  init(_ text: String) {
    guard let context = ThreadContext.current, let execution = context.execution else {
      name = 0
      return
    }
    name = context.nameObject()
    execution.exploration.interleaving.call(name, text)
  }

  /// The calling task is about to touch it.
  @inline(__always)
  func reached(
    _ kind: StepKind, _ file: StaticString, _ line: Int, verb: StaticString = ""
  ) {
    let place = StepPlace(function: "", file: file, line: line, verb: verb)
    ThreadContext.reached(kind, name, place)
  }
}

/// A yield point with a label of its own; it counts as touching everything.
public func step(
  _ label: StaticString, file: StaticString = #fileID, line: Int = #line
) {
  let place = StepPlace(function: label, file: file, line: line, isLabel: true)
  ThreadContext.reached(.store, 0, place)
}

/// Waits until `condition` holds, whatever it depends on; other tasks run meanwhile.
///
/// Each look at the condition is a step that touches everything. Where nobody is left to change
/// anything, that is a `deadlock`. In set-up and end nobody can, which traps after a while.
public func waitUntil(
  _ label: StaticString, file: StaticString = #fileID, line: Int = #line,
  _ condition: () -> Bool
) {
  step(label, file: file, line: line)
  let place = StepPlace(function: label, file: file, line: line)
  while !condition() { ThreadContext.reached(.wait, 0, place) }
}
