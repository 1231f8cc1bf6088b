/* SPDX-License-Identifier: MIT */
/* What the engine of probes costs, beside what the kernel takes for the round trip of a probe. */
#include <errno.h>
#include <getopt.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "memory.h"
#include "proto.h"

static const char USAGE[] =
    "usage: ping_bench [options]\n"
    "Writes ICMP probes with libproto, gives it their replies, and compares what that takes with what\n"
    "the kernel takes to send and to receive as many over loopback, 64 by one call.\n"
    "  --quick        few rounds\n"
    "  --rounds N     so many rounds that nothing disturbed (default 40)\n"
    "  --core N       the core to run on (default: the last)\n";

enum {
    BATCH = 64,
    DATA = 56,
    IP_HEADER = 20,
    PACKET = IP_HEADER + 8 + DATA,
    MANY = 10000,
    SLOTS = 1 << 14,
    IDENTIFIER = 0x1234
};

static const uint8_t data[DATA];

/* ------------------------------------------------------------------------------------- engine -- */

typedef struct engine {
    proto_probe probe;
    proto_probe_echo echo;
    proto_probe_target *targets;
    proto_rtt *rtts;
    proto_probe_slot *slots;
    uint8_t packets[BATCH][PACKET];
    proto_probe_arrival arrivals[BATCH];
    uint64_t now;
    bool failed;
} engine;

static void put_octets(void *octets, size_t number)
{
    const uint8_t four[4] = {127, (uint8_t)(1 + (number >> 16)), (uint8_t)(number >> 8),
                             (uint8_t)number};
    memcpy(octets, four, sizeof four);
}

static proto_address address_of(size_t number)
{
    uint8_t octets[4];
    put_octets(octets, number);
    return proto_address_ipv4(octets);
}

/* All packets have one header, of a reply on its way; whom it is from stands in the arrival. */
static void put_header(uint8_t *packet)
{
    const proto_address from = address_of(1);
    const proto_ipv4 header = {.ttl = 64, .protocol = 1, .source = from, .destination = from};
    proto_out out = proto_out_of(packet, PACKET);
    if (proto_ipv4_write(&header, 8 + DATA, &out) != PROTO_OK || out.len != IP_HEADER) abort();
}

static bool engine_make(engine *it, size_t targets)
{
    proto_probe_config config = {
        .codec = &proto_probe_echo_codec,
        .settings = &it->echo,
        .interval = 1000000000,
        .timeout = 1000000000,
        .window = UINT32_MAX,
        .key = "sixteen bytes...",
    };
    it->targets = memory_array(targets, sizeof *it->targets);
    it->rtts = memory_array(targets, sizeof *it->rtts);
    it->slots = memory_array(SLOTS, sizeof *it->slots);
    if (!it->targets || !it->rtts || !it->slots) return false;
    for (size_t i = 0; i < targets; i++)
        it->targets[i] = (proto_probe_target){.address = address_of(i + 1), .rtt = &it->rtts[i]};
    for (size_t i = 0; i < BATCH; i++) {
        put_header(it->packets[i]);
        it->arrivals[i] = (proto_probe_arrival){
            .bytes = proto_slice_of(it->packets[i], PACKET),
            .form = PROTO_PROBE_PACKET,
            .ttl = -1,
        };
    }
    proto_probe_echo_init(&it->echo, PROTO_IPV4, IDENTIFIER, proto_slice_of(data, DATA));
    it->now = 1;
    proto_probe_init(&it->probe, &config, it->targets, targets, it->slots, SLOTS, it->now);
    return true;
}

/* Becomes its reply, as a host does it: another type, and the checksum put right (RFC 1624). */
static void turn_round(uint8_t *message)
{
    uint32_t sum = (uint32_t)(message[2] << 8 | message[3]) + 0x0800;
    sum += sum >> 16;
    message[0] = 0;
    message[2] = (uint8_t)(sum >> 8);
    message[3] = (uint8_t)sum;
}

/* The other hosts' part: all of a batch first, as what was just written is slow to be read. */
static void answer_batch(engine *it)
{
    it->now += 2000;
    for (size_t i = 0; i < BATCH; i++) {
        turn_round(it->packets[i] + IP_HEADER);
        it->arrivals[i].when = it->now + (it->now >> 3) % 1000000;
    }
    it->now += 2000;
}

static void engine_batch(engine *it)
{
    proto_probe_report report;
    for (size_t i = 0; i < BATCH; i++) {
        proto_out out = proto_out_of(it->packets[i] + IP_HEADER, PACKET - IP_HEADER);
        if (!proto_probe_send(&it->probe, it->now, &out, &report)) it->failed = true;
        it->arrivals[i].source = report.target->address;
    }
    answer_batch(it);
    for (size_t i = 0; i < BATCH; i++)
        if (proto_probe_receive(&it->probe, &it->arrivals[i], &report) != PROTO_PROBE_REPLY)
            it->failed = true;
}

static void engine_run(void *context, size_t units)
{
    for (size_t done = 0; done < units; done += BATCH)
        engine_batch(context);
}

/* What in that is not the engine's work: the other host's answer, and noting whom it is from and
   when it came. */
static void other_batch(engine *it)
{
    for (size_t i = 0; i < BATCH; i++) {
        it->packets[i][IP_HEADER] = 8;
        it->arrivals[i].source = it->targets[0].address;
    }
    answer_batch(it);
}

static void other_run(void *context, size_t units)
{
    for (size_t done = 0; done < units; done += BATCH)
        other_batch(context);
}

/* ------------------------------------------------------------------------------------- kernel -- */

/* The least that a ping can do: a raw socket that lets replies pass alone, and calls for 64 messages
   each. */
typedef struct kernel {
    int fd;
    size_t targets, next;
    struct mmsghdr out[BATCH], in[BATCH];
    struct iovec out_places[BATCH], in_places[BATCH];
    struct sockaddr_in names[BATCH];
    uint8_t message[8 + DATA];
    uint8_t bytes[BATCH][PACKET];
    bool failed;
} kernel;

static bool kernel_make(kernel *it, size_t targets)
{
    const struct icmp_filter filter = {.data = ~(UINT32_C(1) << ICMP_ECHOREPLY)};
    const proto_icmp request = {
        .kind = PROTO_ICMP_ECHO_REQUEST, .id = IDENTIFIER, .payload = proto_slice_of(data, DATA)};
    const proto_icmp_config config = {.family = PROTO_IPV4};
    proto_out out = proto_out_of(it->message, sizeof it->message);
    proto_icmp_write(&request, &config, &out);
    it->targets = targets;
    it->fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (it->fd < 0) return false;
    setsockopt(it->fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    for (size_t i = 0; i < BATCH; i++) {
        it->out_places[i] = (struct iovec){it->message, sizeof it->message};
        it->in_places[i] = (struct iovec){it->bytes[i], PACKET};
        it->names[i].sin_family = AF_INET;
        it->out[i].msg_hdr = (struct msghdr){.msg_name = &it->names[i],
                                             .msg_namelen = sizeof it->names[i],
                                             .msg_iov = &it->out_places[i],
                                             .msg_iovlen = 1};
        it->in[i].msg_hdr = (struct msghdr){.msg_iov = &it->in_places[i], .msg_iovlen = 1};
    }
    return true;
}

static void kernel_run(void *context, size_t units)
{
    kernel *it = context;
    for (size_t done = 0; done < units; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            put_octets(&it->names[i].sin_addr, 1 + it->next);
            it->next = it->next + 1 < it->targets ? it->next + 1 : 0;
        }
        if (sendmmsg(it->fd, it->out, BATCH, 0) != BATCH) it->failed = true;
        int received = 0;
        while (received < BATCH) {
            int count = recvmmsg(it->fd, it->in, BATCH, MSG_DONTWAIT, NULL);
            if (count < 0) {
                it->failed = true;
                return;
            }
            received += count;
        }
    }
}

/* --------------------------------------------------------------------------------------- main -- */

static bool compare(const char *name, const char *words, size_t targets, unsigned rounds,
                    double needed)
{
    static engine engines[2];
    static kernel kernels[2];
    static bench_result result;
    const bench_plan plan = {.rounds = rounds, .slice = 4000000, .max_time = 8000000000};
    engine *ours = &engines[targets > 1];
    kernel *theirs = &kernels[targets > 1];
    if (!engine_make(ours, targets) || !kernel_make(theirs, targets)) {
        fprintf(stderr, "ping_bench: %s\n", strerror(errno));
        return false;
    }
    const bench_side sides[] = {{"engine", NULL, engine_run, ours},
                                {"kernel", NULL, kernel_run, theirs},
                                {"other", NULL, other_run, ours}};
    engine_run(ours, SLOTS + targets); /* every page has been touched */
    kernel_run(theirs, SLOTS);
    bench_compare(sides, 3, &plan, &result);
    const double engine_time = bench_time(&result, 0) - bench_time(&result, 2);
    const double ratio = bench_ratio(&result, 0, 1) * bench_time(&result, 0) / engine_time;
    printf("%-16s %8.1f ns %10.1f ns %10.1f\n", words, engine_time, bench_time(&result, 1), ratio);
    bench_bar("ping", name, ratio, needed);
    if (bench_noisy(&result))
        printf("%16s of %u slices %u were disturbed\n", "", result.slices, result.dropped);
    close(theirs->fd);
    if (ours->failed || theirs->failed) fprintf(stderr, "ping_bench: a probe has no reply\n");
    return !ours->failed && !theirs->failed;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"quick", no_argument, NULL, 'q'},
                                            {"rounds", required_argument, NULL, 'r'},
                                            {"core", required_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};
    unsigned rounds = 40;
    int core = -1;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case 'q': rounds = 10; break;
        case 'r': rounds = (unsigned)atoi(optarg); break;
        case 'c': core = atoi(optarg); break;
        default: fputs(USAGE, stderr); return 2;
        }
    if (!bench_start(core)) printf("not on a core of its own: the times will be less steady\n");
    printf("A probe: written, verified, matched and recorded; and its round trip in the kernel.\n");
    printf("%-16s %11s %13s %10s\n", "", "engine", "kernel", "ratio");
    bool good = compare("engine-1", "1 target", 1, rounds, 50);
    good = compare("engine-10000", "10,000 targets", MANY, rounds, 20) && good;
    printf("\n");
    const int result = bench_end();
    return good ? result : 2;
}
