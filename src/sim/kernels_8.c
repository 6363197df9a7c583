/* 8 lanes. */
#include "sim/sim_internal.h"
#include "sim/tsit5.h"

#define W 8
#define NAME(x) x##_8
#include "sim/kernels.h"
