/* Runs a command and writes "wall_seconds cpu_seconds peak_kib" of it to a file:
 *
 *   launch REPORT COMMAND [ARGUMENT…]
 *
 * A process's peak memory counts what its parent had when it was forked, so the measuring program,
 * which is Python and large, must not be that parent; this one is small.
 *
 * 1. CPU time is that of all descendants: those whose parent went away come to us (subreaper).
 * 2. Peak memory is that of the largest process. Wall time ends with the command itself.
 * 3. Exits as the command did; 128 + signal when one ended it. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: launch REPORT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    double begin_s = now_s(), wall_s = 0;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status, result = 127;
    for (pid_t ended; (ended = wait(&status)) > 0 || errno == EINTR;) {
        if (ended == child) {
            wall_s = now_s() - begin_s;
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
    }
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    FILE *report = fopen(argv[1], "w");
    if (!report) {
        perror(argv[1]);
        return 2;
    }
    fprintf(report, "%.6f %.6f %ld\n", wall_s, seconds(usage.ru_utime) + seconds(usage.ru_stime),
            usage.ru_maxrss);
    return fclose(report) == 0 ? result : 2;
}
