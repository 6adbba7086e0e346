// The part of the C library's header that this image has.
#pragma once
#include <stddef.h>

int posix_memalign(void **result, size_t alignment, size_t size);
void free(void *pointer);
