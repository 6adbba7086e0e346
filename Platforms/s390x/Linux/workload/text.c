#include "text.h"

void put(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  while (length > 0) {
    long written = call(call_write, 1, (uint64_t)text, length, 0, 0);
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

void put_number(uint64_t number) {
  char digits[21];
  size_t at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(digits + at);
}

_Noreturn void fail(const char *what, uint64_t number) {
  put("failed ");
  put(what);
  put(" ");
  put_number(number);
  put("\n");
  for (;;) call(call_exit, 1, 0, 0, 0, 0);
}

size_t read_file(const char *path, char *buffer, size_t capacity) {
  long file = call(call_open, (uint64_t)path, 0, 0, 0, 0);
  if (file < 0) fail("cannot open a file: error", (uint64_t)-file);
  size_t length = 0;
  while (length < capacity - 1) {
    uint64_t place = (uint64_t)(buffer + length);
    long got = call(call_read, (uint64_t)file, place, capacity - 1 - length, 0, 0);
    if (got < 0) fail("cannot read a file: error", (uint64_t)-got);
    if (got == 0) break;
    length += (size_t)got;
  }
  call(call_close, (uint64_t)file, 0, 0, 0, 0);
  buffer[length] = 0;
  return length;
}

static int is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\n';
}

int next_word(const char **text, char *word, size_t capacity) {
  size_t length = 0;
  while (is_blank(**text)) ++*text;
  while (**text != 0 && !is_blank(**text)) {
    if (length + 1 == capacity) fail("a word is too long:", length);
    word[length++] = *(*text)++;
  }
  word[length] = 0;
  return length > 0;
}

uint64_t next_number(const char **text) {
  uint64_t number = 0;
  if (**text < '0' || **text > '9') fail("no number but character", (uint8_t)**text);
  while (**text >= '0' && **text <= '9') number = number * 10 + (uint64_t)(*(*text)++ - '0');
  if (**text != 0) ++*text;
  return number;
}

int same(const char *one, const char *other) {
  while (*one != 0 && *one == *other) one++, other++;
  return *one == *other;
}

const char *after(const char *text, const char *label) {
  for (; *text != 0; text++) {
    size_t length = 0;
    while (label[length] != 0 && text[length] == label[length]) length++;
    if (label[length] != 0) continue;
    text += length;
    while (is_blank(*text)) text++;
    return text;
  }
  return NULL;
}
