/* 4 lanes. */
#include "sim/sim_internal.h"
#include "sim/tsit5.h"

#define W 4
#define NAME(x) x##_4
#include "sim/kernels.h"
