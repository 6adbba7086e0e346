/// Every interleaving of a random program, without any of the explorer's code: an oracle.
struct NaiveEnumerator {
  let program: RandomProgram
  let bound: Int
  /// The outcomes, and whether some interleaving deadlocks.
  private(set) var outcomes: Set<String> = []
  private(set) var deadlocks = false
  /// Interleavings that came to an end or a deadlock.
  private(set) var schedules = 0

  private struct State {
    var next: [Int]
    var registers: [Int]
    var variables: [Int]
    var words: [Int]
    var owners: [Int?]
    /// The variable to which the task adds 1 next, in the middle of an operation.
    var halves: [Int?]
  }

  init(_ program: RandomProgram, preemptions bound: Int) {
    self.program = program
    self.bound = bound
    let count = program.tasks.count
    visit(
      State(
        next: [Int](repeating: 0, count: count), registers: [Int](repeating: 0, count: count),
        variables: [0, 0, 0], words: [0, 0, 0], owners: [nil, nil],
        halves: [Int?](repeating: nil, count: count)),
      last: nil, preemptions: 0)
  }

  private func canGoOn(_ task: Int, _ state: State) -> Bool {
    guard state.next[task] < program.tasks[task].count else { return false }
    switch program.tasks[task][state.next[task]] {
    case .lock(let lock): return state.owners[lock] == nil
    case .awaitOdd(let index): return state.variables[index] & 1 == 1
    default: return true
    }
  }

  private mutating func visit(_ state: State, last: Int?, preemptions: Int) {
    let runnable = program.tasks.indices.filter { canGoOn($0, state) }
    if runnable.isEmpty {
      schedules += 1
      let isDone = program.tasks.indices.allSatisfy {
        state.next[$0] == program.tasks[$0].count
      }
      if isDone {
        outcomes.insert("\(state.registers) \(state.variables) \(state.words)")
      } else {
        deadlocks = true
      }
      return
    }
    for task in runnable {
      let isPreemption = last.map { $0 != task && runnable.contains($0) } ?? false
      let used = preemptions + (isPreemption ? 1 : 0)
      if used > bound { continue }
      visit(after(task, state), last: task, preemptions: used)
    }
  }

  private func after(_ task: Int, _ state: State) -> State {
    var state = state
    let register = state.registers[task]
    if let written = state.halves[task] {
      state.variables[written] += 1
      state.halves[task] = nil
      state.next[task] += 1
      return state
    }
    switch program.tasks[task][state.next[task]] {
    case .load(let index), .awaitOdd(let index):
      state.registers[task] = register &* 7 &+ state.variables[index]
    case .store(let index, let number): state.variables[index] = register &+ number
    case .add(let index, let number):
      state.variables[index] = state.variables[index] &* 3 &+ register &+ number
    case .lock(let lock): state.owners[lock] = task
    case .unlock(let lock): state.owners[lock] = nil
    case .addIfOdd(let read, let written):
      if state.variables[read] & 1 == 1 {
        state.halves[task] = written
        return state
      }
    case .everything(let index):
      state.words[index] = state.words[index] &* 5 &+ task &+ 1
    }
    state.next[task] += 1
    return state
  }
}
