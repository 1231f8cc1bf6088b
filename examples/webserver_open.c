/* SPDX-License-Identifier: MIT */
/*
 * Opening what a path names, and nothing else: no way leads out of the root, and nothing is opened
 * that is not a regular file or a directory. (Opening a FIFO would wait, or wake who writes to it;
 * opening a device may do anything.)
 *
 * The path comes from proto_uri_path_read(): relative, without `.` and `..` and NUL. What a string
 * cannot show is where symbolic links lead: that is the kernel's to see to.
 */
#include "webserver.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* EAGAIN: something was renamed while the kernel looked. */
static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (int tries = 0;; tries++) {
        long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN || tries == 8) return (int)fd;
    }
}

/* Where the kernel has no openat2() (before Linux 5.6, or forbidden): name by name, and no symbolic
   link at all. */
static int open_stepwise(int root, const char *path, int flags)
{
    int directory = root;
    while (directory >= 0) {
        const char *slash = strchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        bool last = !slash || slash[1] == '\0';
        char name[256];
        int fd = -1;
        if (length < sizeof name) {
            memcpy(name, path, length);
            name[length] = '\0';
            int how = last ? flags | (slash ? O_DIRECTORY : 0) : O_PATH | O_DIRECTORY | O_CLOEXEC;
            fd = openat(directory, name, how | O_NOFOLLOW);
        } else {
            errno = ENAMETOOLONG;
        }
        int error = errno;
        if (directory != root) close(directory);
        errno = error;
        if (last) return fd;
        directory = fd;
        path = slash + 1;
    }
    return -1;
}

static int open_path(int root, const char *path, int flags)
{
    if (path[0] == '\0') path = ".";
    int fd = open_beneath(root, path, flags);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
    return open_stepwise(root, path, flags);
}

static bool is_servable(const struct stat *status)
{
    return S_ISREG(status->st_mode) || S_ISDIR(status->st_mode);
}

/* With O_PATH nothing is really opened. */
bool look_below(const struct site *site, const char *path, struct stat *status)
{
    int fd = open_path(site->root, path, O_PATH | O_CLOEXEC);
    if (fd < 0) return false;
    bool known = fstat(fd, status) == 0;
    close(fd);
    if (known && !is_servable(status)) errno = ENOENT;
    return known && is_servable(status);
}

/* What was looked at may be another thing by now, so O_NONBLOCK and a second look. */
int open_below(const struct site *site, const char *path, struct stat *status)
{
    if (!look_below(site, path, status)) return -1;
    int fd = open_path(site->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return -1;
    if (fstat(fd, status) == 0 && is_servable(status)) return fd;
    close(fd);
    errno = ENOENT;
    return -1;
}

/* `.well-known` is for the public (RFC 8615). */
bool names_hidden(const char *path)
{
    static const char public[] = ".well-known";
    for (const char *name = path; name; name = strchr(name, '/')) {
        if (*name == '/') name++;
        size_t length = strcspn(name, "/");
        bool is_public = length == sizeof public - 1 && memcmp(name, public, length) == 0;
        if (*name == '.' && !is_public) return true;
    }
    return false;
}
