// A closed loop of direct transfers, as one line of the plan asks for it.
#pragma once

#include "disk.h"

enum { depth_max = 128, sizes_max = 8, longest_bytes = 262144 };

/// One line of the plan.
struct workload {
  char name[64];
  uint64_t depth;
  struct {
    uint64_t byte_count;
    uint64_t weight;
  } sizes[sizes_max];
  uint64_t size_count;
  uint64_t weight_sum;
  uint64_t write_percent;
  int is_fresh;
  uint64_t count;
};

/// The memory of all buffers, taken in turn where buffers are fresh.
struct ring {
  char *start;
  uint64_t byte_count;
  uint64_t next;
};

/// What a loop came to.
struct outcome {
  uint64_t reads;
  uint64_t writes;
  uint64_t byte_count;
  uint64_t submissions;
  uint64_t nanoseconds;
};

/// Reads one line of the plan: NAME DEPTH KIB:WEIGHT[,…] WRITE-PERCENT fresh|back COUNT. 0 at the
/// end of the plan.
int next_workload(const char **plan, struct workload *workload);

/// Runs a loop of `count` transfers; every read is checked.
struct outcome run_loop(
  const struct workload *workload, uint64_t count, struct disk *disk, struct ring *ring);
