#include "text.h"
#include "workload.h"

/// A transfer in flight. Each place has a part of the disk for itself, so that what a read has to
/// bring is always known.
struct place {
  struct io_request request;
  char *buffer;
};

static uint64_t random_state = 1;

/// A random number below `bound`: SplitMix64, from the same start in each boot.
static uint64_t random_below(uint64_t bound) {
  uint64_t mixed = random_state += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return (mixed ^ (mixed >> 31)) % bound;
}

int next_workload(const char **plan, struct workload *workload) {
  char word[64];
  const char *text = word;
  if (!next_word(plan, workload->name, sizeof workload->name)) return 0;
  next_word(plan, word, sizeof word);
  workload->depth = next_number(&text);
  if (workload->depth == 0 || workload->depth > depth_max) fail("no such depth:", workload->depth);
  next_word(plan, word, sizeof word);
  workload->size_count = workload->weight_sum = 0;
  for (text = word; *text != 0;) {
    if (workload->size_count == sizes_max) fail("more sizes than", sizes_max);
    uint64_t byte_count = next_number(&text) * 1024, weight = next_number(&text);
    if (byte_count == 0 || byte_count % page_bytes != 0 || byte_count > longest_bytes) {
      fail("no such size:", byte_count);
    }
    workload->sizes[workload->size_count].byte_count = byte_count;
    workload->sizes[workload->size_count++].weight = weight;
    workload->weight_sum += weight;
  }
  next_word(plan, word, sizeof word);
  text = word;
  workload->write_percent = next_number(&text);
  next_word(plan, word, sizeof word);
  workload->is_fresh = same(word, "fresh");
  next_word(plan, word, sizeof word);
  text = word;
  workload->count = next_number(&text);
  return 1;
}

static uint64_t pick_size(const struct workload *workload) {
  if (workload->size_count == 1) return workload->sizes[0].byte_count;
  uint64_t rest = random_below(workload->weight_sum), index = 0;
  while (rest >= workload->sizes[index].weight) rest -= workload->sizes[index++].weight;
  return workload->sizes[index].byte_count;
}

/// Chooses the next transfer of a place.
static void prepare(
  struct place *place, uint64_t index, const struct workload *workload, struct disk *disk,
  struct ring *ring
) {
  uint64_t byte_count = pick_size(workload);
  uint64_t part = disk->byte_count / workload->depth / longest_bytes * longest_bytes;
  uint64_t offset = index * part + random_below(part / byte_count) * byte_count;
  int is_write = workload->write_percent > 0 && random_below(100) < workload->write_percent;
  if (workload->is_fresh) {
    if (ring->next + byte_count > ring->byte_count) ring->next = 0;
    place->buffer = ring->start + ring->next;
    ring->next += byte_count;
  } else {
    place->buffer = ring->start + index * longest_bytes;
  }
  if (is_write) fill_next(disk, offset, place->buffer, byte_count);
  else spoil(place->buffer, byte_count);
  place->request = (struct io_request){
    .data = index, .operation = is_write ? io_write : io_read, .file = (uint32_t)disk->file,
    .buffer = (uint64_t)place->buffer, .byte_count = byte_count, .offset = (int64_t)offset,
  };
}

static void submit(uint64_t context, struct io_request **requests, uint64_t count) {
  while (count > 0) {
    long taken = call(call_io_submit, context, count, (uint64_t)requests, 0, 0);
    if (taken <= 0) fail("cannot submit: error", (uint64_t)-taken);
    requests += taken;
    count -= (uint64_t)taken;
  }
}

struct outcome run_loop(
  const struct workload *workload, uint64_t count, struct disk *disk, struct ring *ring
) {
  static struct place places[depth_max];
  static uint64_t context;
  struct io_request *requests[depth_max];
  struct io_event events[depth_max];
  struct outcome outcome = {0};
  long status = context != 0 ? 0 : call(call_io_setup, depth_max, (uint64_t)&context, 0, 0, 0);
  if (status < 0) fail("cannot set up direct transfers: error", (uint64_t)-status);
  uint64_t start = now(), started = 0, done = 0, waiting = 0;
  for (; started < workload->depth && started < count; started++) {
    prepare(&places[started], started, workload, disk, ring);
    requests[waiting++] = &places[started].request;
  }
  while (done < count) {
    if (waiting > 0) outcome.submissions++;
    submit(context, requests, waiting);
    waiting = 0;
    long got = call(call_io_getevents, context, 1, depth_max, (uint64_t)events, 0);
    if (got <= 0) fail("cannot wait for a completion: error", (uint64_t)-got);
    for (long at = 0; at < got; at++, done++) {
      struct place *place = &places[events[at].data];
      const struct io_request *request = &place->request;
      if (events[at].result != (int64_t)request->byte_count) {
        fail("a transfer failed at", (uint64_t)request->offset);
      }
      outcome.byte_count += request->byte_count;
      if (request->operation == io_write) {
        outcome.writes++;
      } else {
        outcome.reads++;
        check(disk, (uint64_t)request->offset, place->buffer, request->byte_count);
      }
      if (started == count) continue;
      prepare(place, events[at].data, workload, disk, ring);
      requests[waiting++] = &place->request;
      started++;
    }
  }
  outcome.nanoseconds = now() - start;
  return outcome;
}
