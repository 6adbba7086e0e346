#pragma once
#include <stdbool.h>
#include <stdint.h>

// Several threads that begin together, each on a core of its own while there are enough.

#define THREADS_MAX 64

/// How long something took, in nanoseconds.
struct threads_time {
  /// From when the first began to when the last ended.
  uint64_t wall;
  /// The processor time of all of them.
  uint64_t busy;
};

/// The number of cores that this process may use.
int threads_cores(void);

/// Runs `body` with index 0 up to but not including `count` on as many threads, up to THREADS_MAX,
/// and waits for all; false for a number that is none.
bool threads_run(
    int count, void (*body)(void *context, int index), void *context, struct threads_time *time);

/// Lets others run.
void threads_yield(void);
