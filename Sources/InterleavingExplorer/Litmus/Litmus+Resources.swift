extension Litmus {
  /// Resources that are initialised, used and freed in a race.
  static let resources = [
    Litmus(
      "use-after-free", "a table is used by one task while another frees it",
      checkers: ["use-after-free"]
    ) { run in
      let table = ExploredResource("table")
      let isReachable = ExploredVariable("reachable", true)
      table.initialise()
      run.task("user") { if isReachable.load() { table.use() } }
      run.task("owner") {
        isReachable.store(false)
        table.free()
      }
    },
    Litmus(
      "double-initialisation", "two tasks look whether a table is there, and make it",
      checkers: ["double-initialisation"]
    ) { run in
      let table = ExploredResource("table")
      let isReady = ExploredVariable("ready", false)
      for name in ["first", "second"] {
        run.task(name) {
          if isReady.load() { return }
          table.initialise()
          isReady.store(true)
        }
      }
      run.atEnd { table.free() }
    },
    Litmus("leak", "the last of two users frees, but they miscount", checkers: ["leak"]) { run in
      let table = ExploredResource("table")
      let users = ExploredVariable("users", 2)
      table.initialise()
      for name in ["first", "second"] {
        run.task(name) {
          let left = users.load() - 1
          users.store(left)
          if left == 0 { table.free() }
        }
      }
    },
    Litmus(
      "double-free", "both of two users believe that they are the last",
      checkers: ["double-free"]
    ) { run in
      let table = ExploredResource("table")
      let users = ExploredVariable("users", 2)
      table.initialise()
      for name in ["first", "second"] {
        run.task(name) {
          users.update { $0 -= 1 }
          if users.load() == 0 { table.free() }
        }
      }
    },
    Litmus("counted", "the last of two users frees, as an atomic count says", outcomes: ["0"]) {
      run in
      let table = ExploredResource("table")
      let users = ExploredVariable("users", 2)
      table.initialise()
      for name in ["first", "second"] {
        run.task(name) {
          table.use()
          let isLast = users.update { count in
            count -= 1
            return count == 0
          }
          if isLast { table.free() }
        }
      }
      run.atEnd { run.outcome("\(users.value)") }
    },
  ]
}
