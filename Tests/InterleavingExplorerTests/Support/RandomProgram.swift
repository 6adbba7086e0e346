import InterleavingExplorer

/// A small random program: what its tasks do, one operation a step.
struct RandomProgram: Sendable, CustomStringConvertible {
  enum Operation: Sendable, Equatable {
    /// Adds what the variable holds to the task's register, after shifting it.
    case load(Int)
    /// Writes the register plus a number.
    case store(Int, Int)
    /// Adds the register plus a number to the variable, in one step.
    case add(Int, Int)
    case lock(Int)
    case unlock(Int)
    /// Waits until the variable is odd, and adds it to the register.
    case awaitOdd(Int)
    /// Changes a word of memory in a step that conflicts with all others.
    case everything(Int)
    /// Reads the first, and if it is odd adds 1 to the second: which step comes depends on others.
    case addIfOdd(Int, Int)

    var steps: Int {
      if case .addIfOdd = self { return 2 }
      return 1
    }
  }

  var tasks: [[Operation]]
  let variables = 3
  let locks = 2

  var description: String { tasks.map { "\($0)" }.joined(separator: " | ") }

  /// Two or three tasks with a few steps each.
  ///
  /// Of ten steps `everything` are such that conflict with all others, and more by chance.
  init(
    _ random: inout some RandomNumberGenerator, tasks count: Int, steps: Int, everything: Int = 0
  ) {
    repeat {
      tasks = []
      for task in 0..<count {
        tasks.append(Self.operations(&random, task: task, steps: steps, everything))
      }
    } while Self.interleavings(tasks.map { $0.reduce(0) { $0 + $1.steps } }) > 1700
  }

  /// How many interleavings there are of tasks that never wait: a multinomial coefficient.
  static func interleavings(_ steps: [Int]) -> Int {
    var (result, total) = (1, 0)
    for count in steps {
      for index in stride(from: 1, through: count, by: 1) {
        total += 1
        result = result * total / index
      }
    }
    return result
  }

  /// The same, and one task waits somewhere.
  init(waiting random: inout some RandomNumberGenerator, tasks count: Int, steps: Int) {
    self.init(&random, tasks: count, steps: steps)
    let task = Int.random(in: 0..<count, using: &random)
    let place = Int.random(in: 0...tasks[task].count, using: &random)
    tasks[task].insert(.awaitOdd(Int.random(in: 0..<3, using: &random)), at: place)
  }

  private static func operations(
    _ random: inout some RandomNumberGenerator, task: Int, steps: Int, _ everything: Int
  ) -> [Operation] {
    var result: [Operation] = []
    var held: [Int] = []
    for step in 0..<steps {
      let isEverything = Int.random(in: 0..<10, using: &random) < everything
      switch isEverything ? 10 : Int.random(in: 0..<14, using: &random) {
      case 0, 1, 2: result.append(.load(Int.random(in: 0..<3, using: &random)))
      case 3, 4, 5:
        result.append(.store(Int.random(in: 0..<3, using: &random), task * 8 + step + 1))
      case 6, 7: result.append(.add(Int.random(in: 0..<3, using: &random), 1))
      case 8, 9:
        let lock = Int.random(in: 0..<2, using: &random)
        if held.contains(lock) {
          result.append(.unlock(lock))
          held.removeAll { $0 == lock }
        } else {
          result.append(.lock(lock))
          held.append(lock)
        }
      case 10: result.append(.everything(Int.random(in: 0..<3, using: &random)))
      case 11, 12:
        result.append(
          .addIfOdd(Int.random(in: 0..<3, using: &random), Int.random(in: 0..<3, using: &random)))
      default: if let lock = held.popLast() { result.append(.unlock(lock)) }
      }
    }
    for lock in held.reversed() { result.append(.unlock(lock)) }
    return result
  }

  /// As a scenario, whose outcome is all registers and variables.
  var scenario: Scenario {
    let program = self
    return Scenario("random", "a random program", checks: "nothing") { run in
      let variables = (0..<program.variables).map { ExploredVariable("v\($0)", 0) }
      let locks = (0..<program.locks).map { ExploredMutex("l\($0)") }
      let registers = Registers(program.tasks.count)
      for (task, operations) in program.tasks.enumerated() {
        run.task("\(task)") {
          for operation in operations {
            switch operation {
            case .load(let index):
              registers.values[task] = registers.values[task] &* 7 &+ variables[index].load()
            case .store(let index, let number):
              variables[index].store(registers.values[task] &+ number)
            case .add(let index, let number):
              variables[index].update { $0 = $0 &* 3 &+ registers.values[task] &+ number }
            case .awaitOdd(let index):
              registers.values[task] =
                registers.values[task] &* 7 &+ variables[index].wait { $0 & 1 == 1 }
            case .lock(let index): locks[index].lock()
            case .unlock(let index): locks[index].unlock()
            case .everything(let index):
              step("everything")
              registers.words[index] = registers.words[index] &* 5 &+ task &+ 1
            case .addIfOdd(let read, let written):
              if variables[read].load() & 1 == 1 { variables[written].update { $0 += 1 } }
            }
          }
        }
      }
      run.atEnd {
        run.outcome("\(registers.values) \(variables.map(\.value)) \(registers.words)")
      }
    }
  }

  private final class Registers {
    var values: [Int]
    var words = [Int](repeating: 0, count: 3)
    init(_ count: Int) { values = [Int](repeating: 0, count: count) }
  }
}
