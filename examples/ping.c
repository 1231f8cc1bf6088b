/* SPDX-License-Identifier: MIT */
/* Asks hosts whether they are there, by ICMP. ping.h tells what is where. */
#include "ping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "privileges.h"
#include "signals.h"

/* What others do not have to bear from everybody. */
static int refuse_floods(const struct ping *ping)
{
    const struct options *options = &ping->options;
    if (privileges_of_root() || hosts_are_local(&ping->hosts)) return EXIT_OK;
    if (options->window > 0) {
        report("--flood", "only root may flood other machines");
        return PING_ERROR;
    }
    bool short_gap = options->has_gap && options->gap >= MILLISECONDS(2);
    if ((options->interval < MILLISECONDS(2) || options->adaptive) && !short_gap) {
        report(
            options->adaptive ? "--adaptive" : "--interval",
            "only root may ping other machines more often than every 2 ms; with --gap 2ms it goes");
        return PING_ERROR;
    }
    return EXIT_OK;
}

static int drop_privileges(const struct options *options)
{
    bool files = options->svg || options->metrics || options->hdr_log;
    if (privileges_drop(files)) return EXIT_OK;
    report("privileges cannot be dropped", strerror(errno));
    return PING_ERROR;
}

static void choose_speech(struct ping *ping)
{
    const struct options *options = &ping->options;
    ping->pictures = options->plot || options->svg;
    ping->drawing = options->plot && isatty(STDOUT_FILENO);
    ping->lines = !options->quiet && !ping->drawing && (options->json || options->window == 0);
    output_init(&ping->output, STDOUT_FILENO);
    if (options->names) ping->names = names_begin();
}

static bool any_reply(const struct ping *ping)
{
    return ping->events[PROTO_PROBE_REPLY] > 0;
}

static bool anything_sent(const struct ping *ping)
{
    for (size_t i = 0; i < ping->hosts.count; i++)
        if (ping->hosts.list[i].target->counts.sent > 0) return true;
    return false;
}

/* The files are written even where nobody reads what is said. */
static int finish(struct ping *ping)
{
    bool good = !ping->hosts.failed && anything_sent(ping);
    summary(ping);
    output_flush(&ping->output);
    good = svg_write(ping) && good;
    good = metrics_write(ping) && good;
    good = hdr_log_write(ping, ping->ended) && good;
    good = hdr_log_end() && good;
    if (ping->output.error != 0) {
        if (ping->output.error != EPIPE) report("standard output", strerror(ping->output.error));
        good = false;
    }
    if (!good) return PING_ERROR;
    return any_reply(ping) ? PING_ANSWERED : PING_SILENCE;
}

static int start(struct ping *ping)
{
    int result = sockets_open(ping);
    if (result == EXIT_OK) result = drop_privileges(&ping->options);
    if (result != EXIT_OK) return result;
    if (!hosts_find(&ping->hosts, &ping->options)) return PING_ERROR;
    result = refuse_floods(ping);
    if (result == EXIT_OK) result = run_prepare(ping);
    if (result != EXIT_OK) return result;
    return hdr_log_begin(ping) ? EXIT_OK : PING_ERROR;
}

static int ping_all(struct ping *ping)
{
    int stop = signals_stop();
    if (stop < 0) {
        report("signals", strerror(errno));
        return PING_ERROR;
    }
    choose_speech(ping);
    lines_begin(ping);
    run(ping, stop);
    int result = finish(ping);
    names_end(ping->names);
    close(stop);
    return result;
}

int main(int argc, char **argv)
{
    static struct ping ping;
    int result = options_read(&ping.options, argc, argv);
    if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    result = start(&ping);
    if (result == EXIT_OK) result = ping_all(&ping);
    run_free(&ping);
    return result;
}
