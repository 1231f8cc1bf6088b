/* SPDX-License-Identifier: MIT */
#include "privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

bool privileges_of_root(void)
{
    return getuid() == 0;
}

/* The C library has no function for this, and libcap is not worth a dependency. */
static bool keep_capabilities(unsigned bits)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
        {.effective = bits, .permitted = bits},
    };
    return syscall(SYS_capset, &header, sets) == 0;
}

bool privileges_drop(bool keep_files)
{
    unsigned keep = 0;
    if (keep_files && privileges_of_root()) keep = 1u << CAP_DAC_OVERRIDE;
    uid_t user = getuid();
    gid_t group = getgid();
    if (setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0) return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    if (keep_capabilities(keep)) return true;
    /* In a container root may lack even this one. */
    return keep_capabilities(0);
}
