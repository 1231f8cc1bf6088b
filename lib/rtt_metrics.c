/* SPDX-License-Identifier: MIT */
/* Statistics as metrics: the text format of Prometheus (version 0.0.4) and OpenMetrics 1.0. */
#include "outcome.h"
#include "rtt_histogram.h"
#include "rtt_text.h"

#include <assert.h>

typedef enum family_type { COUNTER, GAUGE, SUMMARY, HISTOGRAM } family_type;

typedef struct family_words {
    proto_slice name; /* behind the prefix */
    family_type type;
    proto_slice help;
} family_words;

static const family_words families[PROTO_RTT_FAMILIES] = {
    [PROTO_RTT_SENT] = {PROTO_SLICE_INIT("_sent"), COUNTER, PROTO_SLICE_INIT("Probes sent")},
    [PROTO_RTT_RECEIVED] = {PROTO_SLICE_INIT("_received"), COUNTER,
                            PROTO_SLICE_INIT("Probes answered in time")},
    [PROTO_RTT_LOST] = {PROTO_SLICE_INIT("_lost"), COUNTER,
                        PROTO_SLICE_INIT("Probes not answered in time")},
    [PROTO_RTT_LATE] = {PROTO_SLICE_INIT("_late"), COUNTER,
                        PROTO_SLICE_INIT("Replies to probes that were lost by then")},
    [PROTO_RTT_DUPLICATES] = {PROTO_SLICE_INIT("_duplicates"), COUNTER,
                              PROTO_SLICE_INIT("Further replies to a probe")},
    [PROTO_RTT_REORDERED] = {PROTO_SLICE_INIT("_reordered"), COUNTER,
                             PROTO_SLICE_INIT("Replies that a later probe's has overtaken")},
    [PROTO_RTT_CORRUPTED] = {PROTO_SLICE_INIT("_corrupted"), COUNTER,
                             PROTO_SLICE_INIT("Replies that were damaged")},
    [PROTO_RTT_ERRORS] = {PROTO_SLICE_INIT("_errors"), COUNTER,
                          PROTO_SLICE_INIT("Errors in place of a reply")},
    [PROTO_RTT_LOSS_RATIO] = {PROTO_SLICE_INIT("_loss_ratio"), GAUGE,
                              PROTO_SLICE_INIT("Lost probes among those decided")},
    [PROTO_RTT_MINIMUM] = {PROTO_SLICE_INIT("_rtt_min_seconds"), GAUGE,
                           PROTO_SLICE_INIT("Shortest round-trip time")},
    [PROTO_RTT_MAXIMUM] = {PROTO_SLICE_INIT("_rtt_max_seconds"), GAUGE,
                           PROTO_SLICE_INIT("Longest round-trip time")},
    [PROTO_RTT_MDEV] = {PROTO_SLICE_INIT("_rtt_mdev_seconds"), GAUGE,
                        PROTO_SLICE_INIT("Standard deviation of round-trip times")},
    [PROTO_RTT_JITTER] = {PROTO_SLICE_INIT("_rtt_jitter_seconds"), GAUGE,
                          PROTO_SLICE_INIT("Jitter as in RFC 3550")},
    [PROTO_RTT_SUMMARY] = {PROTO_SLICE_INIT("_rtt_seconds"), SUMMARY,
                           PROTO_SLICE_INIT("Round-trip times")},
    [PROTO_RTT_DISTRIBUTION] = {PROTO_SLICE_INIT("_rtt_distribution_seconds"), HISTOGRAM,
                                PROTO_SLICE_INIT("Round-trip times by how long they were")},
};

static const proto_slice type_names[] = {[COUNTER] = PROTO_SLICE_INIT("counter"),
                                         [GAUGE] = PROTO_SLICE_INIT("gauge"),
                                         [SUMMARY] = PROTO_SLICE_INIT("summary"),
                                         [HISTOGRAM] = PROTO_SLICE_INIT("histogram")};

/* ----------------------------------------------------------------------------- configuration -- */

static proto_rtt_metrics_config given(const proto_rtt_metrics_config *config)
{
    static const uint64_t usual[] = {
        100000,   250000,    500000,    1000000,   2500000,    5000000,    10000000,   25000000,
        50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000};
    proto_rtt_metrics_config wanted = config ? *config : (proto_rtt_metrics_config){0};
    if (wanted.prefix.len == 0) wanted.prefix = PROTO_LITERAL("ping");
    rtt_quantile_list quantiles = rtt_quantile_list_of(wanted.quantiles, wanted.quantile_count);
    wanted.quantiles = quantiles.millionths;
    wanted.quantile_count = quantiles.count;
    if (!wanted.bounds) {
        wanted.bounds = usual;
        wanted.bound_count = sizeof usual / sizeof *usual;
    }
    return wanted;
}

/* A name as labels have one; those of metrics may hold a colon too, which is kept for rules. */
static void expect_name(proto_slice name)
{
    bool good = name.len > 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.ptr[i];
        bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool digit = byte >= '0' && byte <= '9';
        good = good && (letter || byte == '_' || (digit && i > 0));
    }
    assert(good);
    (void)good;
}

/* ------------------------------------------------------------------------------------ labels -- */

/* How long the UTF-8 sequence is that begins there (RFC 3629 section 4), or 0 if it is none. */
static size_t sequence_length(const uint8_t *at, size_t len)
{
    uint8_t first = at[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || length > len) return 0;
    uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; i++) {
        if (at[i] < least || at[i] > most) return 0;
        least = 0x80;
        most = 0xbf;
    }
    return length;
}

static void put_value(proto_out *out, proto_slice value)
{
    for (size_t at = 0; at < value.len;) {
        size_t length = sequence_length(value.ptr + at, value.len - at);
        uint8_t byte = value.ptr[at];
        if (length == 0)
            RTT_PUT(out, "\xef\xbf\xbd");
        else if (byte == '\n')
            RTT_PUT(out, "\\n");
        else if (byte == '"' || byte == '\\')
            proto_out_put(out, (uint8_t[]){'\\', byte}, 2);
        else
            proto_out_put(out, value.ptr + at, length);
        at += length > 0 ? length : 1;
    }
}

static void put_label(proto_out *out, bool first, proto_slice name, proto_slice value)
{
    expect_name(name);
    proto_out_put(out, first ? "{" : ",", 1);
    proto_out_slice(out, name);
    RTT_PUT(out, "=\"");
    put_value(out, value);
    RTT_PUT(out, "\"");
}

/* ----------------------------------------------------------------------------------- samples -- */

#define NOTHING PROTO_LITERAL("")

/* The lines of one series in one family. */
typedef struct line_writer {
    proto_out *out;
    const proto_rtt_metrics_config *config;
    const family_words *family;
    const proto_rtt_series *series;
} line_writer;

/* Name and labels, among them one more with a number where there is a name for it; the value is to
   follow. */
static void begin_line(const line_writer *lines, proto_slice suffix, proto_slice extra,
                       proto_slice number)
{
    proto_out *out = lines->out;
    size_t count = lines->series->label_count;
    proto_out_slice(out, lines->config->prefix);
    proto_out_slice(out, lines->family->name);
    proto_out_slice(out, suffix);
    for (size_t i = 0; i < count; i++)
        put_label(out, i == 0, lines->series->labels[i].name, lines->series->labels[i].value);
    if (extra.len > 0) put_label(out, count == 0, extra, number);
    if (extra.len > 0 || count > 0) RTT_PUT(out, "}");
    RTT_PUT(out, " ");
}

static void count_line(const line_writer *lines, proto_slice suffix, uint64_t count)
{
    begin_line(lines, suffix, NOTHING, NOTHING);
    proto_out_decimal(lines->out, count);
    RTT_PUT(lines->out, "\n");
}

static void decimal_line(const line_writer *lines, proto_slice suffix, uint64_t number,
                         unsigned digits)
{
    begin_line(lines, suffix, NOTHING, NOTHING);
    rtt_put_decimal(lines->out, number, digits);
    RTT_PUT(lines->out, "\n");
}

static void time_line(const line_writer *lines, uint64_t time)
{
    if (lines->series->rtt->counts.received > 0) decimal_line(lines, NOTHING, time, 9);
}

static void sum_and_count(const line_writer *lines)
{
    const proto_rtt *rtt = lines->series->rtt;
    uint64_t nanoseconds;
    uint64_t seconds = wide_divide(rtt_sum(rtt), 1000000000, &nanoseconds).low;
    begin_line(lines, PROTO_LITERAL("_sum"), NOTHING, NOTHING);
    proto_out_decimal(lines->out, seconds);
    rtt_put_fraction(lines->out, nanoseconds, 9);
    RTT_PUT(lines->out, "\n");
    count_line(lines, PROTO_LITERAL("_count"), rtt->counts.received);
}

/* A decimal number as the value of a label, in room for one of 64 bits. */
static proto_slice number_text(uint8_t room[32], uint64_t number, unsigned digits)
{
    proto_out text = proto_out_of(room, 32);
    rtt_put_decimal(&text, number, digits);
    return proto_slice_of(room, text.len);
}

static void summary_lines(const line_writer *lines)
{
    const proto_rtt *rtt = lines->series->rtt;
    uint8_t room[32];
    for (size_t i = 0; i < lines->config->quantile_count; i++) {
        uint32_t quantile = lines->config->quantiles[i];
        begin_line(lines, NOTHING, PROTO_LITERAL("quantile"), number_text(room, quantile, 6));
        if (rtt->counts.received > 0)
            rtt_put_decimal(lines->out, proto_rtt_quantile(rtt, quantile), 9);
        else
            RTT_PUT(lines->out, "NaN");
        RTT_PUT(lines->out, "\n");
    }
    sum_and_count(lines);
}

static void bucket_line(const line_writer *lines, proto_slice bound, uint64_t count)
{
    begin_line(lines, PROTO_LITERAL("_bucket"), PROTO_LITERAL("le"), bound);
    proto_out_decimal(lines->out, count);
    RTT_PUT(lines->out, "\n");
}

static void histogram_lines(const line_writer *lines)
{
    const proto_rtt *rtt = lines->series->rtt;
    uint8_t room[32];
    for (size_t i = 0; i < lines->config->bound_count; i++) {
        uint64_t bound = lines->config->bounds[i];
        assert(i == 0 || bound > lines->config->bounds[i - 1]);
        bucket_line(lines, number_text(room, bound, 9), proto_rtt_count_up_to(rtt, bound));
    }
    bucket_line(lines, PROTO_LITERAL("+Inf"), rtt->counts.received);
    sum_and_count(lines);
}

/* In the older format too a counter's samples end in _total; there it is part of the name. */
static void put_lines(const line_writer *lines, proto_rtt_family family)
{
    const proto_rtt *rtt = lines->series->rtt;
    switch (family) {
    case PROTO_RTT_SENT: count_line(lines, PROTO_LITERAL("_total"), rtt->counts.sent); break;
    case PROTO_RTT_RECEIVED:
        count_line(lines, PROTO_LITERAL("_total"), rtt->counts.received);
        break;
    case PROTO_RTT_LOST: count_line(lines, PROTO_LITERAL("_total"), rtt->counts.lost); break;
    case PROTO_RTT_LATE: count_line(lines, PROTO_LITERAL("_total"), rtt->counts.late); break;
    case PROTO_RTT_DUPLICATES:
        count_line(lines, PROTO_LITERAL("_total"), rtt->counts.duplicates);
        break;
    case PROTO_RTT_REORDERED:
        count_line(lines, PROTO_LITERAL("_total"), rtt->counts.reordered);
        break;
    case PROTO_RTT_CORRUPTED:
        count_line(lines, PROTO_LITERAL("_total"), rtt->counts.corrupted);
        break;
    case PROTO_RTT_ERRORS: count_line(lines, PROTO_LITERAL("_total"), rtt->counts.errors); break;
    case PROTO_RTT_LOSS_RATIO: decimal_line(lines, NOTHING, proto_rtt_loss(&rtt->counts), 6); break;
    case PROTO_RTT_MINIMUM: time_line(lines, rtt->min); break;
    case PROTO_RTT_MAXIMUM: time_line(lines, rtt->max); break;
    case PROTO_RTT_MDEV: time_line(lines, proto_rtt_mdev(rtt)); break;
    case PROTO_RTT_JITTER: time_line(lines, proto_rtt_jitter(rtt)); break;
    case PROTO_RTT_SUMMARY: summary_lines(lines); break;
    case PROTO_RTT_DISTRIBUTION: histogram_lines(lines); break;
    }
}

proto_err proto_rtt_samples_write(proto_rtt_family family, const proto_rtt_metrics_config *config,
                                  const proto_rtt_series *series, proto_out *out)
{
    assert(family < PROTO_RTT_FAMILIES);
    proto_out before = *out;
    proto_rtt_metrics_config wanted = given(config);
    line_writer lines = {out, &wanted, &families[family], series};
    put_lines(&lines, family);
    return outcome_of_writing(out, before, PROTO_OK);
}

/* ---------------------------------------------------------------------------------- families -- */

static void put_family_name(proto_out *out, const proto_rtt_metrics_config *config,
                            const family_words *family)
{
    proto_out_slice(out, config->prefix);
    proto_out_slice(out, family->name);
    if (family->type == COUNTER && !config->open_metrics) RTT_PUT(out, "_total");
}

proto_err proto_rtt_family_write(proto_rtt_family family, const proto_rtt_metrics_config *config,
                                 proto_out *out)
{
    assert(family < PROTO_RTT_FAMILIES);
    proto_out before = *out;
    proto_rtt_metrics_config wanted = given(config);
    expect_name(wanted.prefix);
    RTT_PUT(out, "# HELP ");
    put_family_name(out, &wanted, &families[family]);
    RTT_PUT(out, " ");
    proto_out_slice(out, families[family].help);
    RTT_PUT(out, "\n# TYPE ");
    put_family_name(out, &wanted, &families[family]);
    RTT_PUT(out, " ");
    proto_out_slice(out, type_names[families[family].type]);
    RTT_PUT(out, "\n");
    return outcome_of_writing(out, before, PROTO_OK);
}

proto_err proto_rtt_metrics_write(const proto_rtt_metrics_config *config,
                                  const proto_rtt_series *series, size_t count, proto_out *out)
{
    proto_out before = *out;
    for (int family = 0; family < PROTO_RTT_FAMILIES; family++) {
        proto_rtt_family_write((proto_rtt_family)family, config, out);
        for (size_t i = 0; i < count; i++)
            proto_rtt_samples_write((proto_rtt_family)family, config, &series[i], out);
    }
    if (given(config).open_metrics) RTT_PUT(out, "# EOF\n");
    return outcome_of_writing(out, before, PROTO_OK);
}
