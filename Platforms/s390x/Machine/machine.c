// How the machine begins, and the command line.
#include "include/machine.h"
#include "console.h"

extern const uint8_t commandLine[2048];

uint8_t commandLineByte(uint64_t index) { return index < 2048 ? commandLine[index] : 0; }

void machineBegin(void) { consoleBegin(); }
