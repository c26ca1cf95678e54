// run PROGRAM ARGUMENT…: runs a program to its end, and tells on stderr, after what the program wrote there and a line
// "--", its status, its seconds, its seconds of CPU, and its peak memory in kB: those of its children included.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int arguments, char **argument) {
    if (arguments < 2) {
        fprintf(stderr, "usage: run PROGRAM [ARGUMENT…]\n");
        return 64;
    }
    double began = now();
    pid_t child = fork();
    if (child < 0) return perror("fork"), 71;
    if (child == 0) {
        execvp(argument[1], argument + 1);
        fprintf(stderr, "run: %s: %s\n", argument[1], strerror(errno));
        _exit(127);
    }
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) return perror("wait4"), 71;
    fprintf(stderr, "\n--\n%d %.6f %.6f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), now() - began,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
    return 0;
}
