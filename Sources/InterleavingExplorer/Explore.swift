/// Runs the scenario under one schedule after another, and reports what was found.
///
/// Each task has a thread of its own, exactly one of which runs at a time; another takes over only
/// at yield points: taking or giving back a lock, reading or writing what others touch, waiting, an
/// instruction. What happens between two yield points happens at once.
///
/// Only sequentially consistent interleavings are explored. Not modelled are: relaxed, acquiring
/// and releasing orders, store buffers, speculative loads, what a compiler reorders, accesses that
/// tear, and caches. That store buffering leaves both readers with the old value, as real machines
/// do, is never seen here; nor is a race between two accesses that lie between the same two yield
/// points. What yield points do not tell must be the task's own, or guarded by a lock that is told.
///
/// Besides what scenarios report, each run is checked for: `deadlock`, `livelock` (more steps than
/// the options allow), `recursive-lock`, `unlock-not-held`, `lock-never-released`; for each
/// ``ExploredResource`` `double-initialisation`, `use-before-initialisation`, `use-after-free`,
/// `double-free` and `leak`; all runs together for `lock-order` (a cycle), and for
/// `nondeterminism`. A violation ends its run; `lock-order` does not.
///
/// What an exhaustive search leaves out, and why it misses nothing, is in Docs/exploring.md.
///
/// Context: any thread, several at once. While it runs the calling thread is pinned to one
/// processor, with the tasks' threads. Allocates: threads, as many as tasks, and what it remembers;
/// what the tasks of a run with a violation hold is never freed.
public func explore(_ scenario: Scenario, _ options: ExplorationOptions = .init()) -> Report {
  prepareForExploration()
  let exploration = Exploration(scenario, options)
  ProcessorClaim.with {
    exploration.withThreads {
      exploration.search()
      exploration.finishReport()
    }
  }
  // Frames of abandoned tasks may hold it for ever; what it remembers need not stay as well.
  exploration.forget()
  return exploration.report
}
