// The part of the C library's header that this image has.
#pragma once

#define ENOMEM 12
