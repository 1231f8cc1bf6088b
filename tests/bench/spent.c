/* SPDX-License-Identifier: MIT */
/*
 * usage: spent FILE COMMAND [ARGUMENT]...
 *
 * Runs a command with its output in FILE and prints what it took: nanoseconds of the processor, for
 * it and for the kernel on its behalf, and its exit status. Nothing of a shell is counted.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    pid_t pid;
    int status;
    if (argc < 3) return 2;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ) != 0) {
        perror(argv[2]);
        return 1;
    }
    if (wait4(pid, &status, 0, &usage) != pid) return 1;
    printf("%" PRIu64 " %d\n", nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
