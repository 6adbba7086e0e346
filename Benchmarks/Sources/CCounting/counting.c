#define _GNU_SOURCE
#include "counting.h"
#include <signal.h>
#include <string.h>
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

static volatile uint64_t steps;

#if defined(__x86_64__)
static void stepped(int signal) {
  (void)signal;
  steps++;
}

// The trap flag in RFLAGS: the processor traps after each instruction that begins with it set
// (Intel SDM volume 3, 17.3.1.4 "Single-Step Exception Condition").
static inline void set_trap_flag(void) {
  // Past the red zone, which the compiler may be using.
  __asm__ volatile("lea -128(%%rsp),%%rsp\n\tpushfq\n\torq $0x100,(%%rsp)\n\tpopfq\n\t"
                   "lea 128(%%rsp),%%rsp" ::: "memory", "cc");
}

static inline void clear_trap_flag(void) {
  __asm__ volatile("lea -128(%%rsp),%%rsp\n\tpushfq\n\tandq $~0x100,(%%rsp)\n\tpopfq\n\t"
                   "lea 128(%%rsp),%%rsp" ::: "memory", "cc");
}

bool counting_can_step(void) { return !RUNNING_ON_VALGRIND; }

void counting_begin(void) {
  static bool prepared;
  if (!prepared) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = stepped;
    sigaction(SIGTRAP, &action, 0);
    prepared = true;
  }
  steps = 0;
  set_trap_flag();
}

uint64_t counting_end(void) {
  clear_trap_flag();
  return steps;
}
#else
bool counting_can_step(void) { return false; }
void counting_begin(void) {}
uint64_t counting_end(void) { return steps; }
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

void counting_callgrind_start(void) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
}

void counting_callgrind_stop(const char *name) {
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}
