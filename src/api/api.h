/** Api: the engine behind the installed C interface, include/twinward/twin.h, which is its manual. */
#ifndef TW_API_H
#define TW_API_H

#include "twinward/twin.h"

#endif
