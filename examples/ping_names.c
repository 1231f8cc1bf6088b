/* SPDX-License-Identifier: MIT */
/*
 * Names of addresses. A name server may take seconds to answer, or never do; a thread waits for it,
 * and the loop that pings never does: a name is shown from the moment it is known.
 */
#include "ping.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

enum { NAMES = 1024 };

struct entry {
    proto_address address;
    char *name; /* NULL: not known yet; empty: there is none */
};

struct names {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    bool ending;
    size_t count, looked_up;
    struct entry entries[NAMES];
};

static char *look_up(const proto_address *address)
{
    struct sockaddr_storage system;
    char name[NI_MAXHOST] = "";
    int family = address->family == PROTO_IPV6 ? AF_INET6 : AF_INET;
    socklen_t size = address_to_system(address, family, &system);
    if (getnameinfo((struct sockaddr *)&system, size, name, sizeof name, NULL, 0, NI_NAMEREQD) != 0)
        name[0] = '\0';
    return strdup(name);
}

static void *look_up_all(void *argument)
{
    struct names *names = argument;
    pthread_mutex_lock(&names->mutex);
    while (!names->ending) {
        if (names->looked_up == names->count) {
            pthread_cond_wait(&names->wanted, &names->mutex);
            continue;
        }
        struct entry *entry = &names->entries[names->looked_up];
        proto_address address = entry->address;
        pthread_mutex_unlock(&names->mutex);
        char *name = look_up(&address);
        pthread_mutex_lock(&names->mutex);
        entry->name = name;
        names->looked_up++;
    }
    pthread_mutex_unlock(&names->mutex);
    return NULL;
}

struct names *names_begin(void)
{
    struct names *names = calloc(1, sizeof *names);
    if (!names) return NULL;
    pthread_mutex_init(&names->mutex, NULL);
    pthread_cond_init(&names->wanted, NULL);
    if (pthread_create(&names->thread, NULL, look_up_all, names) == 0) return names;
    free(names);
    return NULL;
}

static struct entry *find(struct names *names, const proto_address *address)
{
    for (size_t i = 0; i < names->count; i++)
        if (proto_address_same_host(&names->entries[i].address, address)) return &names->entries[i];
    if (names->count == NAMES) return NULL;
    names->entries[names->count].address = *address;
    pthread_cond_signal(&names->wanted);
    return &names->entries[names->count++];
}

const char *names_of(struct names *names, const proto_address *address)
{
    if (!names || address->family == PROTO_FAMILY_NONE) return NULL;
    pthread_mutex_lock(&names->mutex);
    const struct entry *entry = find(names, address);
    const char *name = entry ? entry->name : NULL;
    pthread_mutex_unlock(&names->mutex);
    return name && name[0] != '\0' ? name : NULL;
}

/* The thread may be waiting for a name server; the program does not wait for the thread, which goes
   with it. Nothing is freed that it may still look at. */
void names_end(struct names *names)
{
    if (!names) return;
    pthread_mutex_lock(&names->mutex);
    names->ending = true;
    pthread_cond_signal(&names->wanted);
    bool idle = names->looked_up == names->count;
    pthread_mutex_unlock(&names->mutex);
    if (!idle) {
        pthread_detach(names->thread);
        return;
    }
    pthread_join(names->thread, NULL);
    for (size_t i = 0; i < names->count; i++)
        free(names->entries[i].name);
    free(names);
}
