#define _GNU_SOURCE
#include "CScheduling.h"

#ifdef __linux__
#include <sched.h>

static _Thread_local cpu_set_t before;
static _Thread_local int pinned;

int cscheduling_processor_limit(void) { return CPU_SETSIZE; }

int cscheduling_may_run_on(int processor) {
  cpu_set_t set;
  if (processor < 0 || processor >= CPU_SETSIZE) return 0;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return CPU_ISSET(processor, &set) != 0;
}

int cscheduling_current_processor(void) { return sched_getcpu(); }

int cscheduling_pin(int processor) {
  cpu_set_t only;
  if (pinned || processor < 0 || processor >= CPU_SETSIZE) return 0;
  if (sched_getaffinity(0, sizeof before, &before) != 0) return 0;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  pinned = sched_setaffinity(0, sizeof only, &only) == 0;
  return pinned;
}

void cscheduling_unpin(void) {
  if (!pinned) return;
  pinned = 0;
  (void)sched_setaffinity(0, sizeof before, &before);
}
#else
int cscheduling_processor_limit(void) { return 0; }
int cscheduling_may_run_on(int processor) { (void)processor; return 0; }
int cscheduling_current_processor(void) { return -1; }
int cscheduling_pin(int processor) { (void)processor; return 0; }
void cscheduling_unpin(void) {}
#endif

// Reached without a call, which is possible as the library is not loaded later on.
static _Thread_local uintptr_t thread_word __attribute__((tls_model("initial-exec")));

uintptr_t cscheduling_thread_word(void) { return thread_word; }
void cscheduling_set_thread_word(uintptr_t word) { thread_word = word; }
