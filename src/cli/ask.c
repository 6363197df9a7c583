/* Being asked to stop, and standard input that ends when one is. */
#define _DEFAULT_SOURCE
#include "cli/commands.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

volatile sig_atomic_t tw_cli_asked;
static int asked_pipe[2] = { -1, -1 };

static void on_signal(TW_UNUSED int signal)
{
    int kept = errno;
    tw_cli_asked = 1;
    if (write(asked_pipe[1], "", 1) < 0)
        tw_cli_asked = 1; /* the flag is enough for all but a wait */
    errno = kept;
}

/* The first signal ends the work after the batch at hand; the second one kills, as if nothing were set. */
tw_status tw_cli_listen(tw_ctx *cx)
{
    struct sigaction a = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    if (asked_pipe[0] < 0 && pipe(asked_pipe) != 0)
        return tw_fail(cx, TW_EIO, "no pipe for signals");
    sigemptyset(&a.sa_mask);
    if (sigaction(SIGINT, &a, NULL) != 0 || sigaction(SIGTERM, &a, NULL) != 0)
        return tw_fail(cx, TW_EIO, "signals cannot be listened for");
    return TW_OK;
}

int tw_cli_asked_fd(void)
{
    return asked_pipe[0];
}

/* Bytes, the end, or a signal, which is an end too. */
static tw_status read_stdin(TW_UNUSED void *self, tw_ctx *cx, uint8_t *out, size_t n, size_t *got)
{
    struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = asked_pipe[0], .events = POLLIN } };
    ssize_t r = -1;
    *got = 0;
    while (!tw_cli_asked && r < 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return tw_fail(cx, TW_EIO, "standard input cannot be read");
        if (fds[1].revents || !fds[0].revents)
            continue;
        r = read(STDIN_FILENO, out, n);
        if (r < 0 && errno != EINTR && errno != EAGAIN)
            return tw_fail(cx, TW_EIO, "standard input cannot be read");
    }
    *got = r > 0 ? (size_t)r : 0;
    return TW_OK;
}

tw_input tw_cli_stdin(void)
{
    return (tw_input){ .read = read_stdin };
}
