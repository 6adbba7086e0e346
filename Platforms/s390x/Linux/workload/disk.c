#include "disk.h"

#include "text.h"

enum { words_per_block = block_bytes / sizeof(uint64_t) };

/// The step from one word of a block to the next: 2 to the power 64 over the golden ratio, odd.
static const uint64_t step = 0x9e3779b97f4a7c15;

/// The first word of a block: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014, figure 16).
static uint64_t first_word(uint64_t block, uint32_t version) {
  uint64_t mixed = (block ^ (uint64_t)version << 32) + step;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

static uint32_t version_of(const struct disk *disk, uint64_t block) {
  return disk->versions[block / blocks_per_page];
}

static void fill(const struct disk *disk, uint64_t offset, uint64_t *words, uint64_t byte_count) {
  uint64_t block = offset / block_bytes;
  for (uint64_t *end = words + byte_count / sizeof *words; words < end; block++) {
    uint64_t word = first_word(block, version_of(disk, block));
    for (int index = 0; index < words_per_block; index++, word += step) {
      *words++ = __builtin_bswap64(word);
    }
  }
}

void fill_next(struct disk *disk, uint64_t offset, void *buffer, uint64_t byte_count) {
  for (uint64_t page = offset / page_bytes; page < (offset + byte_count) / page_bytes; page++) {
    disk->versions[page]++;
  }
  fill(disk, offset, buffer, byte_count);
}

void spoil(void *buffer, uint64_t byte_count) {
  uint64_t *words = buffer;
  for (uint64_t at = 0; at < byte_count / sizeof *words; at += words_per_block) words[at] = 0;
}

void check(const struct disk *disk, uint64_t offset, const void *buffer, uint64_t byte_count) {
  const uint64_t *words = buffer;
  uint64_t block = offset / block_bytes;
  for (const uint64_t *end = words + byte_count / sizeof *words; words < end; block++) {
    uint64_t word = first_word(block, version_of(disk, block));
    for (int index = 0; index < words_per_block; index++, word += step) {
      if (*words++ != __builtin_bswap64(word)) fail("wrong data was read from block", block);
    }
  }
}

void open_disk(struct disk *disk, const char *path, void *buffer, uint64_t buffer_bytes) {
  long file = call(call_open, (uint64_t)path, open_read_write | open_direct, 0, 0, 0);
  if (file < 0) fail("cannot open the disk: error", (uint64_t)-file);
  disk->file = (uint64_t)file;
  // BLKGETSIZE64.
  long status = call(call_ioctl, disk->file, 0x80081272, (uint64_t)&disk->byte_count, 0, 0);
  if (status < 0) fail("cannot tell the disk's size: error", (uint64_t)-status);
  disk->versions = take_memory(disk->byte_count / page_bytes * sizeof(uint32_t));
  if (disk->versions == NULL) fail("no memory for the versions of", disk->byte_count);
  for (uint64_t offset = 0; offset < disk->byte_count; offset += buffer_bytes) {
    uint64_t rest = disk->byte_count - offset;
    uint64_t byte_count = rest < buffer_bytes ? rest : buffer_bytes;
    fill(disk, offset, buffer, byte_count);
    long written = call(call_pwrite, disk->file, (uint64_t)buffer, byte_count, offset, 0);
    if (written != (long)byte_count) fail("cannot write all of the disk at", offset);
  }
}
