// What the disk holds: every 64-bit word tells the block it is of, where in it, and how often the
// block was written, so that a stray, stale or missing transfer is seen.
#pragma once

#include "linux.h"

enum { block_bytes = 512, blocks_per_page = page_bytes / block_bytes };

/// An open disk, and how often each of its pages of 4 KiB was written.
struct disk {
  uint64_t file;
  uint64_t byte_count;
  uint32_t *versions;
};

/// Opens a disk for direct transfers, and writes version 0 of all of it with the help of `buffer`.
void open_disk(struct disk *disk, const char *path, void *buffer, uint64_t buffer_bytes);

/// Fills a buffer with the next version of what is at `offset`.
void fill_next(struct disk *disk, uint64_t offset, void *buffer, uint64_t byte_count);

/// Makes sure that a buffer holds nothing that a read could be taken for.
void spoil(void *buffer, uint64_t byte_count);

/// Ends the program unless a buffer holds what is at `offset`.
void check(const struct disk *disk, uint64_t offset, const void *buffer, uint64_t byte_count);
