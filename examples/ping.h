/* SPDX-License-Identifier: MIT */
/*
 * The parts of ping, bottom up:
 *
 *   ping_output.c     text: collected, and written when there is time
 *   ping_names.c      names of addresses, looked up by a thread of their own
 *   ping_hosts.c      whom to ping: words of the command line, files, names resolved
 *   ping_options.c    the command line
 *   ping_lines.c      what is said of each event: a line for people, or of JSON
 *   ping_summary.c    what is said at the end
 *   ping_timeline.c   how it went over time, for pictures
 *   ping_plot.c       a picture on the terminal
 *   ping_svg.c        a picture in a file
 *   ping_files.c      files for other programs: metrics for Prometheus, logs for HdrHistogram
 *   ping_prepare.c    sockets, targets, engines
 *   ping_run.c        the loop
 *   ping.c            one thing after the other
 */
#ifndef PING_H
#define PING_H

#include <proto.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "icmp_socket.h"
#include "report.h"

/* What ping exits with; it has always been so. */
enum { PING_ANSWERED = 0, PING_SILENCE = 1, PING_ERROR = 2 };

/* ------------------------------------------------------------------------------------ output -- */

/* No line is longer. */
enum { OUTPUT_LINE = 8192, OUTPUT_SIZE = 2 * OUTPUT_LINE };

struct output {
    int fd;
    int error; /* that has kept something from being written; 0 where none has */
    proto_out text;
    uint8_t storage[OUTPUT_SIZE];
};

void output_init(struct output *output, int fd);

/* Makes room for one line. To be called before it is put together. */
void output_line(struct output *output);

/* Writes what is collected. */
void output_flush(struct output *output);

static inline void put_bytes(struct output *output, const char *bytes, size_t len)
{
    proto_out *text = &output->text;
    if (text->cap - text->len < len) return; /* it is longer than a line */
    memcpy(text->ptr + text->len, bytes, len);
    text->len += len;
}

/* Most texts are known when this is compiled. */
static inline void put(struct output *output, const char *text)
{
    put_bytes(output, text, strlen(text));
}

void put_number(struct output *output, uint64_t number);
/* Nanoseconds as milliseconds: `0.043`, `12.345`; below a microsecond as `0.000432`. */
void put_time(struct output *output, uint64_t time);
/* Nanoseconds as seconds, with all digits. */
void put_seconds(struct output *output, uint64_t time);
/* Millionths as percent without the sign: `0`, `25`, `36.4`, `0.0021`. */
void put_percent(struct output *output, uint32_t share);
void put_address(struct output *output, const proto_address *address);
/* What a stranger may have written, made harmless. */
void put_visible(struct output *output, const char *text);

/* JSON: `"key":`, with a comma before it unless it is the first; and values. */
void put_key(struct output *output, const char *key);
void put_member(struct output *output, const char *key, uint64_t number);
void put_member_text(struct output *output, const char *key, const char *text);
void put_member_address(struct output *output, const char *key, const proto_address *address);

/* ------------------------------------------------------------------------------------- names -- */

struct names;

/* Begins to look up names. Returns NULL where there is no memory or no thread. */
struct names *names_begin(void);

/* The name of an address where it is known by now, or NULL; then it is being looked up. Never
   waits. Valid until names_end(). */
const char *names_of(struct names *names, const proto_address *address);

void names_end(struct names *names);

/* ----------------------------------------------------------------------------------- options -- */

struct options {
    uint64_t count;    /* for each host; 0: until interrupted */
    uint64_t interval; /* from one ping to a host to the next */
    uint64_t timeout;
    uint64_t linger; /* for how long late replies are known */
    uint64_t gap;    /* between any two pings */
    uint64_t limit;  /* for how long all of it goes on; 0: as long as it takes */
    uint32_t window; /* in a flood, how many may be outstanding; else 0 */
    size_t size;
    int ttl;                             /* 0: the system's */
    int family;                          /* AF_UNSPEC, AF_INET or AF_INET6 */
    enum icmp_kind socket;               /* which kind */
    const char *pattern;                 /* hexadecimal, or NULL */
    const char *source;                  /* an address or an interface, or NULL */
    const char *file;                    /* with hosts, or NULL */
    const char *svg, *metrics, *hdr_log; /* files, or NULL */
    char **words;                        /* hosts */
    size_t word_count;
    bool has_interval, has_gap;
    bool adaptive, dont_fragment, broadcast;
    bool user_stamps;
    bool quiet, json, plot, names;
};

/* Reads the command line. Returns EXIT_OK to go on, anything else to exit with, or -1 where all is
   said and done. */
int options_read(struct options *options, int argc, char **argv);

/* ------------------------------------------------------------------------------------- hosts -- */

/* Someone to ping. Times are in nanoseconds. */
struct host {
    const char *name; /* as it was given */
    proto_address address;
    proto_probe_target *target;
    proto_rtt *rtt; /* its own; NULL where it shares one with all others */
    uint64_t min, max, sum;
};

struct hosts {
    struct host *list;
    size_t count;
    char *text;  /* of the file that names them, or NULL */
    bool failed; /* some name could not be found */
};

/* Finds all hosts, waiting for name servers where it must. What is wrong is reported. Returns
   whether there is any. */
bool hosts_find(struct hosts *hosts, const struct options *options);

/* Whether this machine alone is pinged. */
bool hosts_are_local(const struct hosts *hosts);

/* ---------------------------------------------------------------------------------- timeline -- */

enum { TIMELINE_COLUMNS = 480, TIMELINE_RECENT = 512 };

/* A stretch of time. */
struct timeline_column {
    uint64_t min, max, sum, count; /* of replies */
    uint64_t lost;
};

/* How it went: all of it, in columns that become wider when there would be too many; and the last
   pings one by one. */
struct timeline {
    uint64_t began, width;
    size_t used;
    struct timeline_column columns[TIMELINE_COLUMNS];
    uint64_t recent_count;
    uint64_t recent[TIMELINE_RECENT]; /* times; PROTO_NEVER for what was lost */
};

/* Of one that is all zero. */
void timeline_begin(struct timeline *timeline, uint64_t now);

/* Notes a reply, or with PROTO_NEVER a loss. */
void timeline_note(struct timeline *timeline, uint64_t now, uint64_t time);

/* -------------------------------------------------------------------------------------- ping -- */

/* One of the two families: an engine, what it works with, and a socket. */
struct lane {
    struct icmp_socket socket;
    proto_probe engine;
    proto_probe_echo echo;
    proto_probe_target *targets;
    size_t target_count;
    proto_probe_slot *slots;
    struct icmp_outbox out;
    struct icmp_inbox in;
    uint64_t numbers[ICMP_BATCH]; /* of the probes in the outbox */
    proto_probe_target *whose[ICMP_BATCH];
    uint64_t gap;
    uint64_t blocked_until; /* the system could take no more */
    bool used;
};

enum { LANES = 2, EVENTS = PROTO_PROBE_TIMEOUT + 1 };

struct ping {
    struct options options;
    struct hosts hosts;
    struct lane lanes[LANES]; /* IPv4, IPv6 */
    uint8_t *data;            /* of each request */
    proto_rtt *rtts;          /* one for each host, or one for all */
    bool shared;              /* one for all */
    uint64_t events[EVENTS];  /* how often each has happened */
    uint64_t refused;         /* pings that the system did not send */
    uint64_t began, ended;
    int64_t wall;  /* the wall clock less the other one, when it began */
    bool lines;    /* something is said of each event */
    bool drawing;  /* there is a picture on the terminal */
    bool pictures; /* of any kind */
    struct names *names;
    struct output output;
    struct timeline timeline;
    proto_rtt total, logged;
};

/* What has happened: with the arrival that told of it, or NULL. */
struct happening {
    proto_probe_event event;
    const proto_probe_report *report;
    const proto_probe_arrival *arrival;
    uint64_t when;
};

struct host *host_of(const proto_probe_target *target);

/* All hosts' statistics in one. */
const proto_rtt *ping_total(struct ping *ping);

/* ---------------------------------------------------------------------------------- speaking -- */

void lines_begin(struct ping *ping);
void lines_event(struct ping *ping, const struct happening *it);
void lines_refused(struct ping *ping, const proto_probe_target *target, int error);

/* Everything that is said at the end. */
void summary(struct ping *ping);

/* Draws over what was drawn before. */
void plot_draw(struct ping *ping);

/* Each returns whether it could, and reports why not. */
bool svg_write(struct ping *ping);
bool metrics_write(struct ping *ping);
bool hdr_log_begin(struct ping *ping);
bool hdr_log_write(struct ping *ping, uint64_t now); /* what has come since the last time */
bool hdr_log_end(void);

/* ----------------------------------------------------------------------------------- running -- */

/* Opens what sockets there can be. Returns EXIT_OK or what to exit with. */
int sockets_open(struct ping *ping);

/* Makes the engines. Returns EXIT_OK or what to exit with. */
int run_prepare(struct ping *ping);

/* Pings until all is done, or somebody says stop, at the descriptor `stop`. */
void run(struct ping *ping, int stop);

void run_free(struct ping *ping);

#endif
