// Division of numbers of 128 bits, which the compiler calls by these names: Swift's
// `dividingFullWidth` of 64-bit numbers needs it, optimised or not.
//
// Source: Principles of Operation, chapter 7, "DIVIDE LOGICAL": DLGR divides an even-odd pair of
// registers; a quotient beyond 64 bits is an exception, so that the high half is divided first.
#include <stdint.h>

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

Wide __udivti3(Wide dividend, Wide divisor);
Wide __umodti3(Wide dividend, Wide divisor);
SignedWide __divti3(SignedWide dividend, SignedWide divisor);
SignedWide __modti3(SignedWide dividend, SignedWide divisor);

// The quotient; the remainder in `high`. `*high` must be below `divisor`.
static uint64_t divideLogical(uint64_t *high, uint64_t low, uint64_t divisor) {
  Wide pair = (Wide)*high << 64 | low;
  asm volatile("dlgr %[pair],%[divisor]" : [pair] "+d"(pair) : [divisor] "d"(divisor) : "cc");
  *high = (uint64_t)(pair >> 64);
  return (uint64_t)pair;
}

static Wide divide(Wide dividend, Wide divisor, Wide *remainder) {
  if (divisor >> 64 == 0) {
    // No quotient exists: let the instruction say so, in a program interruption.
    uint64_t rest = 0, small = (uint64_t)divisor;
    uint64_t high = divideLogical(&rest, (uint64_t)(dividend >> 64), small);
    uint64_t low = divideLogical(&rest, (uint64_t)dividend, small);
    *remainder = rest;
    return (Wide)high << 64 | low;
  }
  // The quotient is below 2^64: bit by bit.
  Wide quotient = 0;
  int shift = __builtin_clzll((uint64_t)(divisor >> 64));
  for (divisor <<= shift; shift >= 0; shift--, divisor >>= 1) {
    quotient <<= 1;
    if (dividend >= divisor) {
      dividend -= divisor;
      quotient |= 1;
    }
  }
  *remainder = dividend;
  return quotient;
}

static Wide magnitude(SignedWide number) { return number < 0 ? 0 - (Wide)number : (Wide)number; }

Wide __udivti3(Wide dividend, Wide divisor) {
  Wide remainder;
  return divide(dividend, divisor, &remainder);
}

Wide __umodti3(Wide dividend, Wide divisor) {
  Wide remainder;
  divide(dividend, divisor, &remainder);
  return remainder;
}

SignedWide __divti3(SignedWide dividend, SignedWide divisor) {
  Wide remainder;
  Wide quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);
  return (SignedWide)((dividend < 0) == (divisor < 0) ? quotient : 0 - quotient);
}

SignedWide __modti3(SignedWide dividend, SignedWide divisor) {
  Wide remainder;
  divide(magnitude(dividend), magnitude(divisor), &remainder);
  return (SignedWide)(dividend < 0 ? 0 - remainder : remainder);
}
