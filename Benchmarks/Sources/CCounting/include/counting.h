#pragma once
#include <stdbool.h>
#include <stdint.h>

// Counting instructions by valgrind's callgrind, and time.

/// A time that ascends, in units of the processor's.
uint64_t counting_ticks(void);

/// Whether callgrind watches.
bool counting_has_callgrind(void);

/// Has callgrind count from here on, which makes it forget all code that it translated.
void counting_start(void);

/// Has callgrind begin again from 0, with what is to be counted under this name.
void counting_begin(const char *name);

/// Has callgrind write out what it counted since then, under the name that was given.
void counting_end(void);

/// Has callgrind count no more.
void counting_stop(void);

/// Has each line of output appear when it is complete, also in a file.
void counting_buffer_lines(void);
