// What the explorer of interleavings needs of threads and what Swift's C library module does not
// show: the processors that a thread may run on, and one word of storage for each thread.
#ifndef CSCHEDULING_H
#define CSCHEDULING_H

#include <stdint.h>

// The number that all processors' numbers are below; 0 where threads cannot be pinned.
int cscheduling_processor_limit(void);

// Whether the calling thread may run on the processor.
int cscheduling_may_run_on(int processor);

// The processor that the calling thread runs on now; -1 where nobody knows.
int cscheduling_current_processor(void);

// Lets the calling thread, and threads that it starts, run on one processor alone; where it might
// run before is kept. Returns whether that worked.
int cscheduling_pin(int processor);

// Takes back the calling thread's last pinning.
void cscheduling_unpin(void);

// A word that each thread has for itself, 0 at first.
uintptr_t cscheduling_thread_word(void);
void cscheduling_set_thread_word(uintptr_t word);

#endif
