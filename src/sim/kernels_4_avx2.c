/* 4 lanes for processors with AVX2. The options change how instructions are chosen, not what is computed:
 * products and sums stay apart (-ffp-contract=off). */
#include "sim/sim_internal.h"
#include "sim/tsit5.h"

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#elif defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define W 4
#define NAME(x) x##_4_avx2
#include "sim/kernels.h"

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#elif defined(__x86_64__)
#pragma GCC pop_options
#endif
