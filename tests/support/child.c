#define _DEFAULT_SOURCE /* syscall, MAP_ANONYMOUS */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Shared with the child, so that the parent knows how far it came. */
typedef struct {
    volatile uint64_t writes;
    volatile bool torn;
} tally;

static tally *shared;
static uint64_t write_at;
static bool armed;

/* ---------------------------------------------------------------- writes */

ssize_t pwrite(int fd, const void *p, size_t n, off_t off);
ssize_t pwritev(int fd, const struct iovec *v, int count, off_t off);
ssize_t write(int fd, const void *p, size_t n);
ssize_t writev(int fd, const struct iovec *v, int count);

/* A single byte cannot be torn; it is no aim. */
static bool counts(int fd, size_t n)
{
    struct stat st;
    if (!armed || n < 2 || fd <= STDERR_FILENO || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    return ++shared->writes == write_at;
}

static void die(size_t done, size_t n)
{
    shared->torn = done > 0 && done < n;
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
    if (counts(fd, n)) {
        (void)syscall(SYS_pwrite64, fd, p, n / 2, off);
        die(n / 2, n);
    }
    return syscall(SYS_pwrite64, fd, p, n, off);
}

ssize_t write(int fd, const void *p, size_t n)
{
    if (counts(fd, n)) {
        (void)syscall(SYS_write, fd, p, n / 2);
        die(n / 2, n);
    }
    return syscall(SYS_write, fd, p, n);
}

static size_t bytes_of(const struct iovec *v, int count)
{
    size_t n = 0;
    for (int i = 0; i < count; i++)
        n += v[i].iov_len;
    return n;
}

ssize_t pwritev(int fd, const struct iovec *v, int count, off_t off)
{
    size_t n = bytes_of(v, count);
    if (counts(fd, n)) {
        size_t left = n / 2;
        for (int i = 0; i < count && left; i++) {
            size_t part = TW_MIN(left, v[i].iov_len);
            (void)syscall(SYS_pwrite64, fd, v[i].iov_base, part, off);
            off += (off_t)part;
            left -= part;
        }
        die(n / 2, n);
    }
    return syscall(SYS_pwritev, fd, v, count, off, 0L);
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
    size_t n = bytes_of(v, count);
    if (counts(fd, n)) {
        size_t left = n / 2;
        for (int i = 0; i < count && left; i++) {
            size_t part = TW_MIN(left, v[i].iov_len);
            (void)syscall(SYS_write, fd, v[i].iov_base, part);
            left -= part;
        }
        die(n / 2, n);
    }
    return syscall(SYS_writev, fd, v, count);
}

/* A killed process loses nothing that it wrote; only a power cut would. */
int fsync(int fd);
int fdatasync(int fd);

int fsync(int fd)
{
    return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

/* ---------------------------------------------------------------- processes */

static _Noreturn void run(const child_plan *plan, int (*work)(void *arg), void *arg)
{
    const struct {
        const char *name;
        const char *value;
    } env[] = { { "TWINWARD_CRASH_AT", plan->crash_at }, { "TWINWARD_CRASH_LOG", plan->crash_log } };
    for (size_t i = 0; i < TW_COUNT(env); i++)
        if ((env[i].value ? setenv(env[i].name, env[i].value, 1) : unsetenv(env[i].name)) != 0)
            _exit(126);
    if (plan->stderr_path) {
        int fd = open(plan->stderr_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
            _exit(126);
        close(fd);
    }
    write_at = plan->write_at;
    armed = true;
    int code = work(arg);
    armed = false;
    fflush(NULL);
    _exit(code);
}

static void wait_us(uint64_t us)
{
    struct timespec t = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

child_end child_run(const child_plan *plan, int (*work)(void *arg), void *arg)
{
    int status = 0;
    if (!shared) {
        void *p = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        TW_ASSERT(p != MAP_FAILED);
        shared = p;
    }
    *shared = (tally){ .writes = 0 };
    fflush(NULL);
    pid_t pid = fork();
    TW_ASSERT(pid >= 0);
    if (pid == 0)
        run(plan, work, arg);
    if (plan->delay_us) {
        wait_us(plan->delay_us);
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0)
        TW_ASSERT(errno == EINTR);
    child_end e = { .writes = shared->writes, .torn = shared->torn };
    e.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    e.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return e;
}
