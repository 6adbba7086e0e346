#pragma once
#include <stddef.h>
#include <stdint.h>

/// Tells the machine that this image writes to its ASCII console.
void consoleBegin(void);

/// Writes text.
void consoleText(const char *text);

/// Writes a number in hexadecimal digits, as many as `digits`.
void consoleHex(unsigned long value, int digits);

/// Takes the console from whoever was writing, and will not go on.
void consoleTakeOver(void);

/// Calls the service-call logical processor with a block of up to a page, which takes the answer.
void serviceCall(uint32_t command, void *control);
