import IOMMU

/// What a step does: the same as the core's yield points say.
typealias StepKind = YieldPoint

/// Where in the source a step is; an empty function where the object's name says enough.
struct StepPlace: Sendable, BitwiseCopyable {
  var function: StaticString
  var file: StaticString
  var line: Int
  /// Whether the function is a label that says all there is to say.
  var isLabel = false
  /// What is done, where that says more than the kind of the step; else empty.
  var verb: StaticString = ""

  static var none: StepPlace { StepPlace(function: "", file: "", line: 0) }

  /// Compared by where the texts lie, which is the same as long as the process runs.
  func isSame(as other: StepPlace) -> Bool {
    line == other.line && file.description == other.file.description
      && function.description == other.function.description
  }

  /// Such as `attach(_:on:)  DeviceGroup.swift:75`.
  var text: String {
    let whole = file.description
    let name = whole.split(separator: "/").last.map(String.init) ?? whole
    let function = function.description
    if name.isEmpty { return function }
    return (function.isEmpty ? "" : function + "  ") + name + ":\(line)"
  }
}

/// A step that a task is about to make.
struct PendingStep: BitwiseCopyable {
  var kind: StepKind
  /// Which of the exploration's objects; 0 for everything.
  var object: Int32
  var place: StepPlace

  static var none: PendingStep { PendingStep(kind: .load, object: 0, place: .none) }

  /// Whether it conflicts with each and every step.
  var touchesEverything: Bool { object == 0 || kind == .instruction }

  /// Whether it changes what it touches.
  var writes: Bool { kind != .load && kind != .wait }
}

/// A step that was made.
struct MadeStep: BitwiseCopyable {
  var step: PendingStep
  var task: UInt8
  /// The tasks that could have been chosen, one bit each.
  var runnable: UInt8

  /// Whether both say the same, as far as it can be told from outside.
  func isSame(as other: MadeStep) -> Bool {
    task == other.task && runnable == other.runnable && step.kind == other.step.kind
      && step.object == other.step.object && step.place.isSame(as: other.step.place)
  }
}

/// What a checker found in a run.
struct Violation: Equatable {
  var checker: String
  var message: String
}
