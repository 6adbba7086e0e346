// The part of the C library's header that this image has.
#pragma once
#include <stddef.h>

void *memset(void *target, int value, size_t count);
void *memcpy(void *restrict target, const void *restrict source, size_t count);
void *memmove(void *target, const void *source, size_t count);
int memcmp(const void *left, const void *right, size_t count);
