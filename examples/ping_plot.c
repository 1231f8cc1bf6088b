/* SPDX-License-Identifier: MIT */
/* A picture on the terminal: the last times, one character each, and how all of them are spread. */
#include "ping.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BARS = 10, NARROW = 40, WIDE = 160, BESIDE_BAR = 28 };

static unsigned width_of_terminal(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col < NARROW ? NARROW : size.ws_col > WIDE ? WIDE : size.ws_col;
}

/* ----------------------------------------------------------------------------------- last times -- */

static uint64_t recent(const struct timeline *timeline, uint64_t number)
{
    return timeline->recent[number % TIMELINE_RECENT];
}

/* From the lowest to the highest of those that are shown; a loss is a cross. */
static void put_recent(struct output *out, const struct timeline *timeline, unsigned width)
{
    uint64_t most = width < TIMELINE_RECENT ? width : TIMELINE_RECENT;
    uint64_t end = timeline->recent_count, from = end > most ? end - most : 0;
    uint64_t low = PROTO_NEVER, high = 0;
    for (uint64_t i = from; i < end; i++) {
        uint64_t time = recent(timeline, i);
        if (time == PROTO_NEVER) continue;
        if (time < low) low = time;
        if (time > high) high = time;
    }
    for (uint64_t i = from; i < end; i++) {
        uint64_t time = recent(timeline, i);
        if (time == PROTO_NEVER) {
            put(out, "\u00d7");
            continue;
        }
        uint64_t part = high > low ? (time - low) * (PROTO_RTT_COLUMN_MAX - 1) / (high - low) : 0;
        uint8_t height = (uint8_t)(1 + part);
        proto_rtt_columns_write(&height, 1, &out->text);
    }
}

/* -------------------------------------------------------------------------------------- spread -- */

static void put_bar(struct output *out, uint64_t count, uint64_t most, unsigned width)
{
    static const char *const parts[] = {"",       "\u258f", "\u258e", "\u258d",
                                        "\u258c", "\u258b", "\u258a", "\u2589"};
    uint64_t eighths = most > 0 ? count * width * 8 / most : 0;
    if (count > 0 && eighths == 0) eighths = 1;
    for (uint64_t i = 0; i < eighths / 8; i++)
        put(out, "\u2588");
    put(out, parts[eighths % 8]);
}

/* By what a time is multiplied from one bar's end to the next one's: the root of all that lies
   between the shortest and the longest, found by halving. */
static double step_between(double low, double high)
{
    double less = 1, more = 64;
    for (unsigned i = 0; i < 50; i++) {
        double middle = (less + more) / 2, power = low;
        for (unsigned bar = 0; bar < BARS; bar++)
            power *= middle;
        if (power < high)
            less = middle;
        else
            more = middle;
    }
    return more;
}

/* Bars from the shortest to the longest time, each as wide on a logarithmic scale. */
static unsigned put_spread(struct output *out, const proto_rtt *rtt, unsigned width,
                           const char *end)
{
    uint64_t edges[BARS], counts[BARS], most = 0, before = 0;
    if (rtt->counts.received == 0) return 0;
    double edge_at = (double)(rtt->min > 0 ? rtt->min : 1);
    double step = step_between(edge_at, (double)rtt->max);
    for (unsigned i = 0; i < BARS; i++) {
        edge_at *= step;
        edges[i] = i + 1 == BARS ? rtt->max : (uint64_t)edge_at;
        uint64_t up_to = proto_rtt_count_up_to(rtt, edges[i]);
        counts[i] = up_to - before;
        before = up_to;
        if (counts[i] > most) most = counts[i];
    }
    for (unsigned i = 0; i < BARS; i++) {
        char edge[24];
        output_line(out);
        snprintf(edge, sizeof edge, "%10.3f ms ", (double)edges[i] / 1e6);
        put(out, edge);
        put_bar(out, counts[i], most, width > BESIDE_BAR ? width - BESIDE_BAR : 1);
        put(out, " ");
        put_number(out, counts[i]);
        put(out, end);
    }
    return BARS;
}

/* ------------------------------------------------------------------------------------- picture -- */

static void put_state(struct output *out, const proto_rtt *rtt)
{
    output_line(out);
    put(out, "sent ");
    put_number(out, rtt->counts.sent);
    put(out, ", received ");
    put_number(out, rtt->counts.received);
    put(out, ", lost ");
    put_number(out, rtt->counts.lost);
    put(out, " (");
    put_percent(out, proto_rtt_loss(&rtt->counts));
    put(out, "%), ");
    put_time(out, rtt->min);
    put(out, "/");
    put_time(out, proto_rtt_mean(rtt));
    put(out, "/");
    put_time(out, rtt->max);
    put(out, " ms");
}

void plot_draw(struct ping *ping)
{
    static unsigned drawn; /* lines above the cursor that are ours */
    struct output *out = &ping->output;
    const proto_rtt *total = ping_total(ping);
    const char *end = ping->drawing ? "\033[K\n" : "\n";
    unsigned width = width_of_terminal();
    char up[16];
    output_line(out);
    if (ping->drawing && drawn > 0) {
        snprintf(up, sizeof up, "\033[%uA", drawn);
        put(out, up);
    }
    put_state(out, total);
    put(out, end);
    put_recent(out, &ping->timeline, width - 2);
    put(out, end);
    drawn = 2 + put_spread(out, total, width, end);
    output_flush(out);
}
