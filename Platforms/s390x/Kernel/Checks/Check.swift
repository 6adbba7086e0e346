import IOMMU
import ZPCI

/// What is held against the machine, by the number that the command line's word `check` has.
///
/// QEMU's translation cache is the judge: RPCIT alone fills and empties it, so that a device
/// reaches exactly what was announced and not refreshed since. Each check prints what it saw, a
/// line for each case (``Seen``).
enum Check: UInt64 {
  case trap = 0
  case staleWindow = 1
  case recovery = 2
  case unplug = 3
  case sharedDomain = 4
  case outOfResources = 5

  /// True where everything was as it should be.
  func run() throws(Failure) -> Bool {
    switch self {
    case .trap: trapOnPurpose()
    case .staleWindow: try StaleWindowCheck().run()
    case .recovery: try RecoveryCheck().run()
    case .unplug: try UnplugCheck().run()
    case .sharedDomain: try SharedDomainCheck().run()
    case .outOfResources: try OutOfResourcesCheck().run()
    }
  }

  /// A mistake, for whoever wants to see what is told of one.
  @inline(never)
  private func trapOnPurpose() -> Bool {
    preconditionFailure("a mistake on purpose")
  }
}

/// One line of what a check saw: `seen CASE name=number … holds=1`.
///
/// A number that should be another is followed by that one, as in `wrong-blocks=8!0`.
struct Seen {
  private var holds = true

  /// Begins the line of `name`.
  init(_ name: StaticString) {
    Console.write("seen ")
    Console.write(name)
  }

  /// A figure that is told only.
  func tell(_ name: StaticString, _ number: UInt64) { Console.field(name, number) }

  /// A figure that has to be `wanted`.
  mutating func expect(_ name: StaticString, _ number: UInt64, _ wanted: UInt64) {
    Console.field(name, number)
    if number != wanted { miss(wanted) }
  }

  /// A figure that has to be above zero.
  mutating func expectSome(_ name: StaticString, _ number: UInt64) {
    Console.field(name, number)
    if number == 0 { miss(1) }
  }

  /// Something that has to hold, as 1 or 0.
  mutating func expect(_ name: StaticString, _ truth: Bool) {
    expect(name, truth ? 1 : 0, 1)
  }

  /// Two counts of the same thing that have to agree; how high they are may differ from run to run.
  mutating func expectEqual(_ name: StaticString, _ one: UInt64, _ other: UInt64) {
    expect(name, one == other)
    if one == other { return }
    tell("one", one)
    tell("other", other)
  }

  /// Ends the line; true where everything on it was as it should be.
  func end() -> Bool {
    Console.field("holds", holds ? 1 : 0)
    Console.write("\n")
    return holds
  }

  private mutating func miss(_ wanted: UInt64) {
    holds = false
    Console.write("!")
    Console.write(wanted)
  }
}
