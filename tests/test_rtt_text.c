// SPDX-License-Identifier: MIT
// Statistics as JSON, as metrics of Prometheus and OpenMetrics, and as a log of HdrHistogram.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/rtt.h"
#include "rtt_histogram.h"
#include "samples.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MS           SAMPLES_MS

enum { ROOM = 1 << 17 };
static char room[ROOM + 1];

// What was written, terminated.
static const char *text_of(proto_err err, proto_out *out)
{
    assert_int_equal(err, PROTO_OK);
    room[out->len] = '\0';
    return room;
}

static proto_out sink(void)
{
    return proto_out_of(room, ROOM);
}

static proto_rtt probed(int kind, size_t count)
{
    proto_rtt rtt = {0};
    sample_set samples = samples_of(kind, count, 3);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = proto_rtt_sent(&rtt);
        if (i % 7 == 3)
            proto_rtt_lost(&rtt, number);
        else
            proto_rtt_record(&rtt, samples.times[i]);
    }
    samples_free(&samples);
    return rtt;
}

// 10, 20 and 40 ms, one lost, one in flight.
static proto_rtt few(void)
{
    proto_rtt rtt = {0};
    for (int i = 0; i < 5; i++)
        proto_rtt_sent(&rtt);
    proto_rtt_record(&rtt, 10 * MS);
    proto_rtt_record(&rtt, 20 * MS);
    proto_rtt_lost(&rtt, 2);
    proto_rtt_record(&rtt, 40 * MS);
    rtt.counts.duplicates = 2;
    return rtt;
}

// --------------------------------------------------------------------------------------------------------------- JSON --

// By the grammar of RFC 8259, without white space and without escapes: where the value ends, or NULL.
static const char *json_value(const char *at);

static const char *json_digits(const char *at)
{
    const char *first = at;
    while (*at >= '0' && *at <= '9')
        at++;
    return at > first ? at : NULL;
}

static const char *json_number(const char *at)
{
    if (*at == '-') at++;
    if (*at == '0' && at[1] >= '0' && at[1] <= '9') return NULL;
    at = json_digits(at);
    return at && *at == '.' ? json_digits(at + 1) : at;
}

static const char *json_string(const char *at)
{
    if (*at++ != '"') return NULL;
    while (*at >= ' ' && *at != '"' && *at != '\\')
        at++;
    return *at == '"' ? at + 1 : NULL;
}

static const char *json_list(const char *at, char end)
{
    if (*++at == end) return at + 1;
    for (;; at++) {
        if (end == '}') {
            at = json_string(at);
            if (!at || *at++ != ':') return NULL;
        }
        at = json_value(at);
        if (!at || *at == end) return at ? at + 1 : NULL;
        if (*at != ',') return NULL;
    }
}

static const char *json_value(const char *at)
{
    if (*at == '{') return json_list(at, '}');
    if (*at == '[') return json_list(at, ']');
    if (*at == '"') return json_string(at);
    if (strncmp(at, "null", 4) == 0) return at + 4;
    return json_number(at);
}

static void json_says_what_there_is(void **state)
{
    static const char expected[] =
        "{\"sent\":5,\"received\":3,\"lost\":1,\"outstanding\":1,\"late\":0,\"duplicates\":2,"
        "\"reordered\":0,\"corrupted\":0,\"errors\":0,\"clipped\":0,\"loss\":0.25,"
        "\"loss_low\":0.045586,\"loss_high\":0.699364,\"bursts\":1,\"longest_burst\":1,"
        "\"min_ns\":10000000,\"mean_ns\":23333333,\"max_ns\":40000000,\"mdev_ns\":12472191,"
        "\"deviation_ns\":15275252,\"last_ns\":40000000,\"jitter_ns\":1835937,"
        "\"smoothed_ns\":14843750,\"variation_ns\":11875000,\"rto_ns\":1000000000,"
        "\"quantiles_ns\":{\"0.25\":10000000,\"0.5\":19922944,\"1.0\":40000000},"
        "\"histogram_ns\":[[9961472,10223615,1],[19922944,20447231,1],[39845888,40894463,1]]}";
    static const uint32_t quantiles[] = {250000, 500000, 1000000};
    proto_rtt_json_config config = {quantiles, COUNT(quantiles), true};
    proto_rtt rtt = few();
    proto_out out = sink();
    const char *text = text_of(proto_rtt_json_write(&rtt, &config, &out), &out);
    // the median is known to 1/64 only
    uint64_t median = proto_rtt_quantile(&rtt, 500000);
    char *place = strstr(room, "\"0.5\":") + 6;
    assert_int_equal(strtoull(place, NULL, 10), median);
    memcpy(place, "19922944", 8);
    assert_string_equal(text, expected);
}

static void json_of_nothing_has_no_times(void **state)
{
    proto_rtt rtt = {0};
    proto_rtt_json_config config = {.histogram = true};
    proto_out out = sink();
    const char *text = text_of(proto_rtt_json_write(&rtt, &config, &out), &out);
    assert_ptr_equal(json_value(text), text + out.len);
    assert_non_null(strstr(text, "\"outstanding\":0,"));
    assert_non_null(strstr(text, "\"loss\":0.0,\"loss_low\":0.0,\"loss_high\":1.0,"));
    assert_non_null(strstr(text, "\"min_ns\":null,\"mean_ns\":null,"));
    assert_non_null(strstr(text, "\"quantiles_ns\":{\"0.5\":null,\"0.9\":null,\"0.99\":null,"
                                 "\"0.999\":null},\"histogram_ns\":[]}"));
    proto_rtt_record(&rtt, 0); // the shortest there is
    out = sink();
    text = text_of(proto_rtt_json_write(&rtt, &config, &out), &out);
    assert_non_null(strstr(text, "\"min_ns\":0,\"mean_ns\":0,"));
    assert_non_null(strstr(text, "{\"0.5\":0,\"0.9\":0,\"0.99\":0,\"0.999\":0},"
                                 "\"histogram_ns\":[[0,0,1]]}"));
    proto_rtt_init(&rtt);
    rtt.counts.lost = 7;
    out = sink();
    text = text_of(proto_rtt_json_write(&rtt, NULL, &out), &out);
    assert_ptr_equal(json_value(text), text + out.len);
    assert_non_null(strstr(text, "\"outstanding\":-7,"));
    assert_null(strstr(text, "histogram"));
}

static void json_is_json_whatever_was_recorded(void **state)
{
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        for (size_t count = 1; count <= 3000; count = count * 5 + 1) {
            proto_rtt rtt = probed(kind, count);
            proto_rtt_json_config config = {.histogram = count % 2 == 0};
            proto_out out = sink();
            const char *text = text_of(proto_rtt_json_write(&rtt, &config, &out), &out);
            assert_ptr_equal(json_value(text), text + out.len);
        }
    }
    assert_null(json_value("{\"a\":}")); // the judge can say no
    assert_null(json_value("{\"a\":1,}"));
    assert_null(json_value("[01]"));
}

// ------------------------------------------------------------------------------------------------------------ metrics --

static const proto_rtt_label labels[] = {
    {PROTO_SLICE_INIT("host"), PROTO_SLICE_INIT("a\\b\"c\nd")},
    {PROTO_SLICE_INIT("_x1"), PROTO_SLICE_INIT("caf\xc3\xa9")},
};

static void metrics_are_what_prometheus_reads(void **state)
{
    static const uint32_t quantiles[] = {500000};
    static const uint64_t bounds[] = {5 * MS, 10223615, 1000000000};
    proto_rtt rtt = few();
    proto_rtt_series series = {&rtt, labels, 2};
    proto_rtt_metrics_config config = {PROTO_LITERAL("probe"), quantiles, 1, bounds, 3, false};
    static const struct {
        proto_rtt_family family;
        const char *head, *samples;
    } table[] = {
        {PROTO_RTT_SENT, "probe_sent_total Probes sent\n# TYPE probe_sent_total counter\n",
         "probe_sent_total# 5\n"},
        {PROTO_RTT_RECEIVED,
         "probe_received_total Probes answered in time\n# TYPE probe_received_total counter\n",
         "probe_received_total# 3\n"},
        {PROTO_RTT_LOST,
         "probe_lost_total Probes not answered in time\n# TYPE probe_lost_total counter\n",
         "probe_lost_total# 1\n"},
        {PROTO_RTT_LOSS_RATIO,
         "probe_loss_ratio Lost probes among those decided\n# TYPE probe_loss_ratio gauge\n",
         "probe_loss_ratio# 0.25\n"},
        {PROTO_RTT_MINIMUM,
         "probe_rtt_min_seconds Shortest round-trip time\n# TYPE probe_rtt_min_seconds gauge\n",
         "probe_rtt_min_seconds# 0.01\n"},
        {PROTO_RTT_MAXIMUM,
         "probe_rtt_max_seconds Longest round-trip time\n# TYPE probe_rtt_max_seconds gauge\n",
         "probe_rtt_max_seconds# 0.04\n"},
        {PROTO_RTT_MDEV,
         "probe_rtt_mdev_seconds Standard deviation of round-trip times\n"
         "# TYPE probe_rtt_mdev_seconds gauge\n",
         "probe_rtt_mdev_seconds# 0.012472191\n"},
        {PROTO_RTT_JITTER,
         "probe_rtt_jitter_seconds Jitter as in RFC 3550\n# TYPE probe_rtt_jitter_seconds gauge\n",
         "probe_rtt_jitter_seconds# 0.001835937\n"},
        {PROTO_RTT_DISTRIBUTION,
         "probe_rtt_distribution_seconds Round-trip times by how long they were\n"
         "# TYPE probe_rtt_distribution_seconds histogram\n",
         "probe_rtt_distribution_seconds_bucket@le=\"0.005\"} 0\n"
         "probe_rtt_distribution_seconds_bucket@le=\"0.010223615\"} 1\n"
         "probe_rtt_distribution_seconds_bucket@le=\"1.0\"} 3\n"
         "probe_rtt_distribution_seconds_bucket@le=\"+Inf\"} 3\n"
         "probe_rtt_distribution_seconds_sum# 0.07\n"
         "probe_rtt_distribution_seconds_count# 3\n"},
    };
    static const char escaped[] = "{host=\"a\\\\b\\\"c\\nd\",_x1=\"caf\xc3\xa9\"";
    for (size_t i = 0; i < COUNT(table); i++) {
        char expected[2048] = "# HELP ";
        strcat(expected, table[i].head);
        proto_out out = sink();
        const char *text = text_of(proto_rtt_family_write(table[i].family, &config, &out), &out);
        assert_string_equal(text, expected);

        expected[0] = '\0';
        for (const char *at = table[i].samples; *at != '\0'; at++) {
            if (*at == '#')
                strcat(strcat(expected, escaped), "}");
            else if (*at == '@')
                strcat(strcat(expected, escaped), ",");
            else
                strncat(expected, at, 1);
        }
        out = sink();
        text = text_of(proto_rtt_samples_write(table[i].family, &config, &series, &out), &out);
        assert_string_equal(text, expected);
    }
}

static void every_count_has_its_family(void **state)
{
    proto_rtt rtt = {.counts = {101, 102, 103, 104, 105, 106, 107, 108}};
    proto_rtt_series series = {&rtt, NULL, 0};
    static const char *const names[] = {"sent",       "received",  "lost",      "late",
                                        "duplicates", "reordered", "corrupted", "errors"};
    for (int i = 0; i < 8; i++) {
        proto_out out = sink();
        proto_err err = proto_rtt_samples_write((proto_rtt_family)i, NULL, &series, &out);
        const char *text = text_of(err, &out);
        assert_int_equal(strncmp(text, "ping_", 5), 0);
        assert_int_equal(strncmp(text + 5, names[i], strlen(names[i])), 0);
        const char *rest = text + 5 + strlen(names[i]);
        assert_int_equal(strncmp(rest, "_total 10", 9), 0);
        assert_int_equal(rest[9], '1' + i);
        assert_string_equal(rest + 10, "\n");
    }
}

static void a_summary_has_quantiles(void **state)
{
    proto_rtt rtt = few();
    proto_rtt_series series = {&rtt, labels + 1, 1};
    proto_out out = sink();
    const char *text = text_of(proto_rtt_samples_write(PROTO_RTT_SUMMARY, NULL, &series, &out),
                               &out);
    static const char *const quantiles[] = {"0.5", "0.9", "0.99", "0.999"};
    for (size_t i = 0; i < COUNT(quantiles); i++) {
        static const char start[] = "ping_rtt_seconds{_x1=\"caf\xc3\xa9\",quantile=\"";
        assert_int_equal(strncmp(text, start, sizeof start - 1), 0);
        text += sizeof start - 1;
        assert_int_equal(strncmp(text, quantiles[i], strlen(quantiles[i])), 0);
        text += strlen(quantiles[i]);
        assert_int_equal(strncmp(text, "\"} 0.0", 6), 0);
        text = strchr(text, '\n') + 1;
    }
    assert_string_equal(text, "ping_rtt_seconds_sum{_x1=\"caf\xc3\xa9\"} 0.07\n"
                              "ping_rtt_seconds_count{_x1=\"caf\xc3\xa9\"} 3\n");
}

static void metrics_of_nothing_say_so(void **state)
{
    static const uint32_t quantiles[] = {990000};
    proto_rtt rtt = {0};
    proto_rtt_series series = {&rtt, NULL, 0};
    proto_rtt_metrics_config config = {.quantiles = quantiles, .quantile_count = 1};
    proto_out out = sink();
    for (int family = PROTO_RTT_LOSS_RATIO; family < PROTO_RTT_DISTRIBUTION; family++)
        text_of(proto_rtt_samples_write((proto_rtt_family)family, &config, &series, &out), &out);
    assert_string_equal(room, "ping_loss_ratio 0.0\n"
                              "ping_rtt_seconds{quantile=\"0.99\"} NaN\n"
                              "ping_rtt_seconds_sum 0.0\n"
                              "ping_rtt_seconds_count 0\n");
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

// A family's lines stand together, whatever the number of series, after one HELP and one TYPE.
static void all_series_of_a_family_stand_together(void **state)
{
    proto_rtt a = few(), b = probed(1, 500);
    static const proto_rtt_label hosts[] = {{PROTO_SLICE_INIT("host"), PROTO_SLICE_INIT("a")},
                                            {PROTO_SLICE_INIT("host"), PROTO_SLICE_INIT("b")}};
    proto_rtt_series series[] = {{&a, &hosts[0], 1}, {&b, &hosts[1], 1}};
    for (int open = 0; open < 2; open++) {
        proto_rtt_metrics_config config = {.open_metrics = open};
        proto_out out = sink();
        const char *text = text_of(proto_rtt_metrics_write(&config, series, 2, &out), &out);
        assert_int_equal(occurrences(text, "# HELP "), PROTO_RTT_FAMILIES);
        assert_int_equal(occurrences(text, "# TYPE "), PROTO_RTT_FAMILIES);
        assert_int_equal(occurrences(text, "# TYPE ping_sent counter\n"), open);
        assert_int_equal(occurrences(text, "# TYPE ping_sent_total counter\n"), !open);
        assert_int_equal(occurrences(text, "ping_sent_total{host=\"a\"} 5\n"
                                           "ping_sent_total{host=\"b\"} 500\n"),
                         1);
        assert_int_equal(occurrences(text, "_bucket{host=\"a\",le=\"0.1\"} 3\n"), 1);
        assert_int_equal(occurrences(text, "_bucket{host=\"b\""), 17);
        assert_int_equal(occurrences(text, "# EOF"), open);
        if (open) assert_string_equal(text + out.len - 6, "# EOF\n");
    }
}

static void what_is_not_utf_8_in_a_label_is_replaced(void **state)
{
#define BAD "\xef\xbf\xbd"
    static const struct {
        const char *value, *written;
    } table[] = {
        {"", ""},
        {"\xff", BAD},
        {"a\x80z", "a" BAD "z"},
        {"\xc3", BAD},
        {"\xc3(", BAD "("},
        {"\xc0\xaf", BAD BAD},                 // overlong
        {"\xe0\x9f\xbf", BAD BAD BAD},         //
        {"\xed\xa0\x80", BAD BAD BAD},         // a surrogate
        {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD}, //
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD}, // above U+10FFFF
        {"\xf5\x80\x80\x80", BAD BAD BAD BAD}, //
        {"\xe2\x82", BAD BAD},                 //
        {"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf", "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"},
        {"\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
         "\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
    };
    proto_rtt rtt = few();
    for (size_t i = 0; i < COUNT(table); i++) {
        proto_rtt_label label = {PROTO_LITERAL("l"), proto_slice_text(table[i].value)};
        proto_rtt_series series = {&rtt, &label, 1};
        proto_out out = sink();
        text_of(proto_rtt_samples_write(PROTO_RTT_SENT, NULL, &series, &out), &out);
        char expected[128] = "ping_sent_total{l=\"";
        strcat(strcat(expected, table[i].written), "\"} 5\n");
        assert_string_equal(room, expected);
    }
}

// ------------------------------------------------------------------------------------------------------- HdrHistogram --

// What a line says, by the documentation of the format.
typedef struct log_line {
    char before[128]; // the histogram
    uint64_t counts[8192];
    size_t count;
    uint64_t total;
} log_line;

static unsigned digit_of(char byte)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *place = strchr(digits, byte);
    assert_true(byte != '\0' && place != NULL);
    return (unsigned)(place - digits);
}

static size_t from_base64(const char *text, uint8_t *bytes)
{
    size_t len = 0, digits = strcspn(text, "=\n");
    unsigned group = 0;
    for (size_t i = 0; i < digits; i++) {
        group = group << 6 | digit_of(text[i]);
        if (i % 4 != 0) bytes[len++] = (uint8_t)(group >> (6 - 2 * (i % 4)));
    }
    size_t padding = strcspn(text + digits, "\n");
    assert_int_equal((digits + padding) % 4, 0);
    assert_string_equal(text + digits + padding, "\n");
    return len;
}

static uint64_t big_endian(const uint8_t **at, int bytes)
{
    uint64_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | *(*at)++;
    return number;
}

static uint32_t adler_of(const uint8_t *bytes, size_t len)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < len; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

// What zlib would give of the stream: all of it has to be one stored block.
static size_t inflated(const uint8_t **at, size_t len)
{
    const uint8_t *stream = *at;
    assert_int_equal(stream[0] & 0x0f, 8);
    assert_int_equal((stream[0] << 8 | stream[1]) % 31, 0);
    assert_int_equal(stream[1] & 0x20, 0);
    assert_int_equal(stream[2], 1);
    size_t stored = (size_t)(stream[3] | stream[4] << 8);
    assert_int_equal(stream[5] | stream[6] << 8, stored ^ 0xffff);
    assert_int_equal(len, 2 + 5 + stored + 4);
    const uint8_t *sum = stream + 7 + stored;
    assert_int_equal(big_endian(&sum, 4), adler_of(stream + 7, stored));
    *at += 7;
    return stored;
}

static void take_counts(log_line *result, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        uint64_t number = 0;
        unsigned shift = 0;
        do
            number |= (uint64_t)(*at & 0x7f) << shift, shift += 7;
        while (*at++ & 0x80);
        assert_true(shift == 7 || at[-1] != 0);
        int64_t value = (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
        if (value < 0) {
            result->count += (size_t)-value;
        } else {
            assert_true(result->count < COUNT(result->counts));
            result->counts[result->count++] = (uint64_t)value;
            result->total += (uint64_t)value;
        }
    }
    assert_ptr_equal(at, end);
}

static log_line decoded_of(const char *line)
{
    static uint8_t bytes[65536];
    static log_line result;
    const char *histogram = strrchr(line, ',') + 1;
    memset(&result, 0, sizeof result);
    memcpy(result.before, line, (size_t)(histogram - line));
    const uint8_t *at = bytes, *end = bytes + from_base64(histogram, bytes);
    assert_int_equal(big_endian(&at, 4), 0x1c849314);
    size_t len = (size_t)big_endian(&at, 4);
    assert_int_equal(len, end - at);
    size_t stored = inflated(&at, len);
    const uint8_t *data = at;
    assert_int_equal(big_endian(&at, 4), 0x1c849313);
    size_t payload = (size_t)big_endian(&at, 4);
    assert_int_equal(stored, payload + 40);
    assert_int_equal(big_endian(&at, 4), 0);
    assert_int_equal(big_endian(&at, 4), 2); // significant digits
    assert_int_equal(big_endian(&at, 8), 1);
    assert_int_equal(big_endian(&at, 8), PROTO_RTT_MAX);
    assert_int_equal(big_endian(&at, 8), UINT64_C(0x3ff0000000000000));
    assert_ptr_equal(at, data + 40);
    take_counts(&result, at, at + payload);
    return result;
}

// The first time of a bucket where 256 are for two significant digits, and the last.
static uint64_t first_of(size_t bucket)
{
    unsigned shift = bucket < 256 ? 0 : (unsigned)(bucket / 128) - 1;
    return (uint64_t)(bucket - 128 * (size_t)shift) << shift;
}

static uint64_t last_of(size_t bucket)
{
    return first_of(bucket + 1) - 1;
}

static uint64_t decoded_quantile(const log_line *decoded, uint32_t millionths)
{
    uint64_t rank = (decoded->total * millionths + 999999) / 1000000, seen = 0;
    for (size_t i = 0; i < decoded->count; i++) {
        seen += decoded->counts[i];
        if (seen >= rank && seen > 0) return last_of(i);
    }
    return 0;
}

static bool is_near(uint64_t a, uint64_t b, uint64_t share)
{
    return (a > b ? a - b : b - a) <= b / share;
}

static void a_log_can_be_read(void **state)
{
    static const size_t counts[] = {1, 2, 3, 10, 1000, 30000};
    for (int kind = 0; kind < SAMPLES_KINDS; kind++) {
        for (size_t i = 0; i < COUNT(counts); i++) {
            sample_set samples = samples_of(kind, counts[i], 5);
            proto_rtt rtt = {0};
            for (size_t j = 0; j < samples.count; j++)
                proto_rtt_record(&rtt, samples.times[j]);
            proto_rtt_hdr_interval interval = {0};
            proto_out out = sink();
            text_of(proto_rtt_hdr_write(&rtt, &interval, &out), &out);
            log_line decoded = decoded_of(room);
            assert_int_equal(decoded.total, rtt.counts.received);
            samples_sort(&samples);
            assert_true(first_of(decoded.count - 1) <= rtt.max &&
                        last_of(decoded.count - 1) >= rtt.max);
            for (uint32_t q = 0; q <= PROTO_RTT_ALL; q += 5000)
                assert_true(
                    is_near(decoded_quantile(&decoded, q), samples_quantile(&samples, q), 62));
            samples_free(&samples);
        }
    }
}

static void a_log_of_nothing_is_empty(void **state)
{
    proto_rtt rtt = {0};
    proto_rtt_hdr_interval interval = {1500 * MS, 250 * MS, {NULL, 0}};
    proto_out out = sink();
    text_of(proto_rtt_hdr_write(&rtt, &interval, &out), &out);
    log_line decoded = decoded_of(room);
    assert_string_equal(decoded.before, "1.5,0.25,0.0,");
    assert_int_equal(decoded.total, 0);
    assert_int_equal(decoded.count, 0);
}

static void a_line_says_when_and_what(void **state)
{
    proto_rtt rtt = few();
    proto_rtt_hdr_interval interval = {UINT64_C(1700000000123) * MS, 10000 * MS,
                                       PROTO_LITERAL("a,b c\nd\x7f")};
    proto_out out = sink();
    text_of(proto_rtt_hdr_write(&rtt, &interval, &out), &out);
    log_line decoded = decoded_of(room);
    assert_string_equal(decoded.before, "Tag=a_b_c_d_,1700000000.123,10.0,40.0,");
    assert_int_equal(decoded.total, 3);
}

static void a_log_begins_with_its_version(void **state)
{
    proto_out out = sink();
    text_of(proto_rtt_hdr_head_write(UINT64_C(1441812279474) * MS, &out), &out);
    assert_string_equal(
        room, "#[Histogram log format version 1.3]\n"
              "#[StartTime: 1441812279.474 (seconds since epoch), Wed, 09 Sep 2015 15:24:39 GMT]\n"
              "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
              "\"Interval_Compressed_Histogram\"\n");
}

// Full of buckets whose counts are large: the stored block still has room, and so has what is promised.
static void the_largest_log_is_as_long_as_promised(void **state)
{
    proto_rtt rtt = {0};
    for (size_t bucket = 0; bucket < PROTO_RTT_BUCKETS; bucket++)
        proto_rtt_record(&rtt, rtt_bucket_first(bucket));
    for (int i = 0; i < 31; i++) {
        proto_rtt copy = rtt;
        proto_rtt_merge(&rtt, &copy);
    }
    proto_rtt_hdr_interval interval = {UINT64_MAX, UINT64_MAX, {NULL, 0}};
    proto_out out = proto_out_of(room, 20000);
    text_of(proto_rtt_hdr_write(&rtt, &interval, &out), &out);
    log_line decoded = decoded_of(room);
    assert_int_equal(decoded.total, rtt.counts.received);
}

// ------------------------------------------------------------------------------------------------------------- space --

typedef proto_err (*writer)(const proto_rtt *rtt, proto_out *out);

static proto_err write_json(const proto_rtt *rtt, proto_out *out)
{
    proto_rtt_json_config config = {.histogram = true};
    return proto_rtt_json_write(rtt, &config, out);
}

static proto_err write_metrics(const proto_rtt *rtt, proto_out *out)
{
    proto_rtt_series series = {rtt, labels, 2};
    proto_rtt_metrics_config config = {.open_metrics = true};
    return proto_rtt_metrics_write(&config, &series, 1, out);
}

static proto_err write_family(const proto_rtt *rtt, proto_out *out)
{
    return proto_rtt_family_write(PROTO_RTT_SUMMARY, NULL, out);
}

static proto_err write_samples(const proto_rtt *rtt, proto_out *out)
{
    proto_rtt_series series = {rtt, labels, 2};
    return proto_rtt_samples_write(PROTO_RTT_SUMMARY, NULL, &series, out);
}

static proto_err write_line(const proto_rtt *rtt, proto_out *out)
{
    proto_rtt_hdr_interval interval = {MS, MS, PROTO_LITERAL("x")};
    return proto_rtt_hdr_write(rtt, &interval, out);
}

static proto_err write_head(const proto_rtt *rtt, proto_out *out)
{
    return proto_rtt_hdr_head_write(MS, out);
}

static void all_is_written_or_nothing(void **state)
{
    static const writer writers[] = {write_json,    write_metrics, write_family,
                                     write_samples, write_line,    write_head};
    proto_rtt rtt = few();
    for (size_t i = 0; i < COUNT(writers); i++) {
        proto_out out = sink();
        assert_int_equal(writers[i](&rtt, &out), PROTO_OK);
        size_t len = out.len;
        assert_true(len > 0);
        for (size_t cap = 0; cap < len + 2; cap++) {
            uint8_t *buffer = malloc(cap + 1);
            buffer[0] = 'x';
            out = (proto_out){buffer, 1, cap + 1, false};
            proto_err err = writers[i](&rtt, &out);
            assert_int_equal(err, cap < len ? PROTO_ERR_NO_SPACE : PROTO_OK);
            assert_int_equal(out.len, cap < len ? 1 : 1 + len);
            assert_int_equal(out.failed, cap < len);
            assert_int_equal(buffer[0], 'x');
            free(buffer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_says_what_there_is),
        cmocka_unit_test(json_of_nothing_has_no_times),
        cmocka_unit_test(json_is_json_whatever_was_recorded),
        cmocka_unit_test(metrics_are_what_prometheus_reads),
        cmocka_unit_test(every_count_has_its_family),
        cmocka_unit_test(a_summary_has_quantiles),
        cmocka_unit_test(metrics_of_nothing_say_so),
        cmocka_unit_test(all_series_of_a_family_stand_together),
        cmocka_unit_test(what_is_not_utf_8_in_a_label_is_replaced),
        cmocka_unit_test(a_log_can_be_read),
        cmocka_unit_test(a_log_of_nothing_is_empty),
        cmocka_unit_test(a_line_says_when_and_what),
        cmocka_unit_test(a_log_begins_with_its_version),
        cmocka_unit_test(the_largest_log_is_as_long_as_promised),
        cmocka_unit_test(all_is_written_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
