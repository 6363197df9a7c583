/** cmocka compares floats in single precision; this compares doubles. */
#ifndef TW_TEST_NEAR_H
#define TW_TEST_NEAR_H

#include <math.h>

#include "test.h"

#define assert_near(got, want, tolerance) check_near((got), (want), (tolerance), __FILE__, __LINE__)

static inline void check_near(double got, double want, double tolerance, const char *file, int line)
{
    if (!(fabs(got - want) <= tolerance)) {
        print_error("%.17g is not within %g of %.17g\n", got, tolerance, want);
        _fail(file, line);
    }
}

#endif
