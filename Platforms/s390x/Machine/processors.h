// For the C part alone: how the last of the processors ends the machine.
#pragma once
#include <stdint.h>

/// Makes this processor the one that ends the machine, and stops all others; false where another
/// one was first.
_Bool processorsEnd(void);

/// Stops this processor for good; the machine ends with the code of the last.
_Noreturn void machineFinish(int64_t code);
