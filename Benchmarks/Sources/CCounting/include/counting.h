#pragma once
#include <stdbool.h>
#include <stdint.h>

// Counting instructions: exactly, one at a time, or by valgrind's callgrind.

/// Whether single instructions can be counted here: x86-64, and not under valgrind.
bool counting_can_step(void);

/// Counts every instruction of this thread from here on, until counting_end.
///
/// The processor traps after each, which takes a microsecond, or twenty on a virtual machine.
void counting_begin(void);

/// The number of instructions since counting_begin, with those of the two calls themselves.
uint64_t counting_end(void);

/// A time that ascends, in units of the processor's.
uint64_t counting_ticks(void);

/// Whether callgrind watches.
bool counting_has_callgrind(void);

/// Has callgrind count from here on; from 0, as it writes out what was before.
void counting_callgrind_start(void);

/// Has callgrind write out what it counted, under this name, and count no more.
void counting_callgrind_stop(const char *name);
