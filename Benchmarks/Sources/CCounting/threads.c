#define _GNU_SOURCE
#include "threads.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct together {
  int count;
  void (*body)(void *context, int index);
  void *context;
  _Atomic int ready;
};

struct one {
  struct together *all;
  int index;
  uint64_t start, end, busy;
};

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int threads_cores(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return 1;
}

// Thread `index` gets a core of its own where there are enough.
static void settle(int index) {
#if defined(__linux__)
  cpu_set_t allowed, only;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int skip = index % CPU_COUNT(&allowed);
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &allowed) || skip-- > 0) continue;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    (void)sched_setaffinity(0, sizeof only, &only);
    return;
  }
#endif
}

static void *run(void *argument) {
  struct one *one = argument;
  struct together *all = one->all;
  settle(one->index);
  atomic_fetch_add(&all->ready, 1);
  while (atomic_load(&all->ready) < all->count) sched_yield();
  one->start = nanoseconds(CLOCK_MONOTONIC);
  uint64_t busy = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  all->body(all->context, one->index);
  one->busy = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - busy;
  one->end = nanoseconds(CLOCK_MONOTONIC);
  return 0;
}

bool threads_run(
    int count, void (*body)(void *context, int index), void *context, struct threads_time *time) {
  struct together all = {.count = count, .body = body, .context = context, .ready = 0};
  struct one ones[THREADS_MAX];
  pthread_t threads[THREADS_MAX];
  if (count < 1 || count > THREADS_MAX) return false;
  for (int index = 0; index < count; index++) {
    ones[index] = (struct one){.all = &all, .index = index};
    // Those that run already wait for this one: there is no way back.
    if (pthread_create(&threads[index], 0, run, &ones[index]) != 0) abort();
  }
  uint64_t start = UINT64_MAX, end = 0, busy = 0;
  for (int index = 0; index < count; index++) {
    pthread_join(threads[index], 0);
    if (ones[index].start < start) start = ones[index].start;
    if (ones[index].end > end) end = ones[index].end;
    busy += ones[index].busy;
  }
  *time = (struct threads_time){.wall = end - start, .busy = busy};
  return true;
}

void threads_yield(void) { sched_yield(); }
