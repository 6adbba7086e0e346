// Text in and out: the plan is read from a file, results go to the standard output.
#pragma once

#include "linux.h"

/// Prints text at once: what was printed before a failure is seen.
void put(const char *text);
void put_number(uint64_t number);

/// Prints what went wrong, with the number that tells more, and ends the program with status 1.
_Noreturn void fail(const char *what, uint64_t number);

/// Reads a file into `buffer`, as much as fits, and ends it with a zero; returns its length.
size_t read_file(const char *path, char *buffer, size_t capacity);

/// Takes the next word of `*text` into `word`; 0 at the end of the text.
int next_word(const char **text, char *word, size_t capacity);

/// The number at the start of `*text`, which is moved past it and one more character, if any.
uint64_t next_number(const char **text);

int same(const char *one, const char *other);

/// What follows `label` and blanks in `text`, or NULL where `text` has no such label.
const char *after(const char *text, const char *label);
