/* 1 lane. */
#include "sim/sim_internal.h"
#include "sim/tsit5.h"

#define W 1
#define NAME(x) x##_1
#include "sim/kernels.h"
