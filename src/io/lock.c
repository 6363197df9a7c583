/* flock on a file that stays: removing it would let two processes hold locks on different inodes of one name. */
#define _DEFAULT_SOURCE
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 10

struct tw_io_lock {
    int fd;
};

static void pause_ms(unsigned ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
    (void)nanosleep(&t, NULL);
}

static tw_status take(tw_ctx *cx, int fd, const char *path, unsigned timeout_ms)
{
    for (unsigned waited = 0;; waited += POLL_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TW_OK;
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return tw_fail(cx, TW_EIO, "cannot lock %s", path);
        if (waited >= timeout_ms)
            return tw_fail(cx, TW_ECONFLICT, "%s is held by another process", path);
        pause_ms(POLL_MS);
    }
}

tw_status tw_io_lock_take(tw_ctx *cx, tw_io_lock **out, const char *path, unsigned timeout_ms)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return tw_fail(cx, errno == ENOENT ? TW_ENOTFOUND : TW_EIO, "cannot open %s", path);
    tw_status s = take(cx, fd, path, timeout_ms);
    tw_io_lock *l = s == TW_OK ? tw_mem_alloc(sizeof *l) : NULL;
    if (s == TW_OK && !l)
        s = tw_fail(cx, TW_ELIMIT, "no memory left for a lock");
    if (s != TW_OK) {
        close(fd);
        return s;
    }
    l->fd = fd;
    *out = l;
    return TW_OK;
}

void tw_io_lock_drop(tw_io_lock *l)
{
    if (!l)
        return;
    close(l->fd);
    tw_mem_free(l);
}
