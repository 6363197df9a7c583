/** A forked child that can be killed where it hurts. A program that uses this also gets its own pwrite, pwritev,
 *  write and writev: they count, and one of them may do half of its work and then kill the process with SIGKILL. So
 *  LMDB's writes are hit as well as those of io's disk. Its fsync and fdatasync do nothing: what a killed process wrote
 * is there without them, and power cuts are the simulated disk's business (simdisk.h).
 *
 *  Before a fork the parent holds no open store or site. The child runs `work` and ends with its value as exit code. */
#ifndef CHILD_H
#define CHILD_H

#include "base/base.h"

typedef struct {
    const char *crash_at;    /* as TWINWARD_CRASH_AT; NULL: none */
    const char *crash_log;   /* as TWINWARD_CRASH_LOG; NULL: none */
    uint64_t write_at;       /* the n-th write of two bytes or more to a file does its first half, then the process
                              * dies; 0: none */
    uint64_t delay_us;       /* the parent kills it after this time; 0: it does not */
    const char *stderr_path; /* what it says goes to the end of this file; NULL: to the parent's */
} child_plan;

typedef struct {
    bool killed;     /* by SIGKILL */
    bool torn;       /* killed with half of a write done: at least one byte of it, not all */
    int code;        /* exit code when it was not killed; 128 + signal for any other signal */
    uint64_t writes; /* of two bytes or more, to files, the last one included */
} child_end;

child_end child_run(const child_plan *plan, int (*work)(void *arg), void *arg);

#endif
