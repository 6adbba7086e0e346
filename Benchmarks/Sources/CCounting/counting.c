#include "counting.h"
#include <stdio.h>
#include <time.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

uint64_t counting_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
#endif
}

bool counting_has_callgrind(void) { return RUNNING_ON_VALGRIND; }

void counting_start(void) { CALLGRIND_START_INSTRUMENTATION; }

static char current[256];

void counting_begin(const char *name) {
  snprintf(current, sizeof current, "%s", name);
  CALLGRIND_ZERO_STATS;
}

void counting_end(void) { CALLGRIND_DUMP_STATS_AT(current); }

void counting_stop(void) { CALLGRIND_STOP_INSTRUMENTATION; }

void counting_buffer_lines(void) { setvbuf(stdout, 0, _IOLBF, 0); }
