#pragma once
#include <stdbool.h>
#include <stdint.h>

// Counting what is taken from the heap by anything in this process.

/// Whether it is counted here: where the C library is glibc.
bool heap_is_counted(void);

/// How often memory was asked for, since the process began.
uint64_t heap_calls(void);

/// The bytes that are out now, rounded up as the heap rounds them.
uint64_t heap_bytes(void);

/// The bytes of memory that the machine has to spare; 0 where it does not say.
uint64_t heap_available(void);
