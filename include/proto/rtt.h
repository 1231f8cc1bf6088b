/* SPDX-License-Identifier: MIT */
#ifndef PROTO_RTT_H
#define PROTO_RTT_H

#include "base.h"

/**
 * @file proto/rtt.h
 * @brief Statistics of round-trip times in constant memory: counts, moments, jitter, RTO,
 *        percentiles; merged, subtracted, written down.
 *
 * A ::proto_rtt takes one round-trip time after another and keeps none of them. In 4.5 KB it has
 * what a run of any length has to say:
 *
 * - **Counts** of what became of each probe, with the one identity that always holds: what was sent
 *   was received, was lost or is outstanding. A probe is lost when its deadline has passed, and
 *   stays lost when its reply comes late. A probe in flight is neither, so that stopping a run does
 *   not turn it into a loss.
 * - **Moments**: minimum, maximum, mean, standard deviation. Sums are exact integers, so that
 *   nothing drifts and nothing cancels.
 * - **A histogram** with 32 buckets to each doubling of the time. A quantile out of it is off by at
 *   most 1/64 of the true value, whatever the distribution.
 * - **Jitter** as in RTP (RFC 3550), and TCP's smoothed time and retransmission timeout (RFC 6298).
 *
 * All of it merges: what a thousand agents have recorded is one ::proto_rtt, with the quantiles
 * that one agent would have found. A later state minus an earlier one is what happened in between.
 *
 * @code
 * proto_rtt rtt = {0};
 * for (uint64_t i = 1; i <= 1000; i++) {
 *     proto_rtt_sent(&rtt);
 *     proto_rtt_record(&rtt, i * 1000000); // 1 ms to 1 s
 * }
 * uint64_t p99 = proto_rtt_quantile(&rtt, 990000);
 * assert(p99 > 990000000 - 990000000 / 64 && p99 < 990000000 + 990000000 / 64);
 * assert(proto_rtt_mean(&rtt) == 500500000);
 * assert(rtt.min == 1000000 && rtt.max == 1000000000);
 * @endcode
 *
 * **Units.** A time is in nanoseconds, a share in millionths (::PROTO_RTT_ALL is the whole): a
 * quantile of 0.99 is 990000, a loss of one in three 333333. All results are integers, the same on
 * every machine.
 *
 * **Bounds.** A time above ::PROTO_RTT_MAX is taken for it and counted as clipped. No sum overflows
 * before 2^52 times have been recorded, whatever they are: a million a second for a hundred and
 * forty years. A bucket is exact beyond 2^32 as long as no more than sixteen have got there, which
 * takes seventy thousand million times at least; from then on the others stop at 2^32 - 1, and only
 * quantiles feel it.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** @name Counts
 * @{ */

/** The whole, where a share is given in millionths. */
#define PROTO_RTT_ALL 1000000

/**
 * What became of the probes. It stands alone where many targets are probed and not each has a
 * histogram.
 *
 * `sent` is always `received + lost + outstanding`. The other counts say more about probes that
 * these have counted already, or about what belongs to none: whoever sees it adds to it.
 */
typedef struct proto_rtt_counts {
    uint64_t sent;     /**< probes that went out */
    uint64_t received; /**< of them, answered before their deadline */
    uint64_t lost;     /**< of them, not answered before their deadline, or answered by an error */
    uint64_t late;     /**< replies to probes that were lost by then, and still are */
    uint64_t duplicates; /**< further replies to a probe that had one */
    uint64_t reordered;  /**< of `received`, those that a reply to a later probe has overtaken */
    uint64_t corrupted;  /**< replies that were not what they should have been */
    uint64_t errors;     /**< errors that came in place of a reply */
} proto_rtt_counts;

/**
 * @return How many probes are in flight: `sent - received - lost`. It is negative only in figures
 * of an interval, as proto_rtt_subtract() makes them, where more has been decided than was sent:
 * the probes from before.
 */
PROTO_API int64_t proto_rtt_outstanding(const proto_rtt_counts *counts);

/**
 * The loss: `lost / (lost + received)`. Probes in flight count on neither side, duplicates and late
 * replies nowhere (RFC 2680 section 2.3, RFC 2681 section 2.4).
 * @return It, in millionths, to the nearest; 0 where nothing has been decided yet.
 */
PROTO_API uint32_t proto_rtt_loss(const proto_rtt_counts *counts);

/** What to give proto_rtt_loss_interval() for a confidence of 95 %. */
#define PROTO_RTT_95 1960

/** What to give proto_rtt_loss_interval() for a confidence of 99 %. */
#define PROTO_RTT_99 2576

/**
 * Between what the loss of the path is likely to be, of which the probes were a sample: Wilson's
 * score interval. Of ten probes none lost says no more than: less than 28 %. It takes losses to be
 * independent; where they come in bursts, the truth is further out.
 * @param counts      What was seen.
 * @param z           The confidence, as the quantile of the normal distribution in thousandths:
 *                    ::PROTO_RTT_95, ::PROTO_RTT_99; at most 10000.
 * @param low         Its lower end in millionths, rounded down.
 * @param high        Its upper end in millionths, rounded up; ::PROTO_RTT_ALL where nothing has
 *                    been decided yet.
 */
PROTO_API void proto_rtt_loss_interval(const proto_rtt_counts *counts, uint32_t z, uint32_t *low,
                                       uint32_t *high);

/** @} */

/** @name Recording
 * @{ */

/** The longest time that is told from longer ones: 2^38 - 1 ns, 274.9 s. */
#define PROTO_RTT_MAX ((UINT64_C(1) << 38) - 1)

/** How many buckets the histogram has: 32 for each doubling from 32 ns to 2^38 ns, and 32 of one
 *  nanosecond each below. */
#define PROTO_RTT_BUCKETS 1088

/** How many buckets may hold 2^32 times and more. */
#define PROTO_RTT_CARRIES 16

/** Round-trip times and what became of the probes. `{0}` is an empty one. */
typedef struct proto_rtt {
    proto_rtt_counts counts; /**< `received` and `reordered` are written by recording alone */
    uint64_t min;            /**< the shortest, 0 where there is none */
    uint64_t max;            /**< the longest, 0 where there is none */
    uint64_t last;           /**< the last of those that came in order */
    uint64_t first;          /**< the first; 0 in figures of an interval, which do not know it */
    uint64_t clipped;        /**< times that were out of range, see proto_rtt_record() */
    uint64_t bursts;         /**< how often one probe or several in a row were lost */
    uint64_t longest_burst;  /**< the most probes that were lost in a row */
    /** private: */
    uint64_t jitter;      /* sixteen times the jitter */
    uint64_t smoothed;    /* eight times the smoothed time */
    uint64_t deviation;   /* four times the smoothed deviation from it */
    uint64_t sum_low;     /* of all times, 128 bits */
    uint64_t squares_low; /* of all times' squares, 128 bits */
    uint64_t sum_high;    /* the other halves */
    uint64_t squares_high;
    uint64_t latest_burst;               /* how many were lost in the latest burst */
    uint64_t burst_end;                  /* the number behind that burst's last probe */
    uint32_t carries[PROTO_RTT_CARRIES]; /* buckets, and how many times 2^32 each holds */
    uint32_t buckets[PROTO_RTT_BUCKETS];
} proto_rtt;

/** Empties @p rtt: the same as `*rtt = (proto_rtt){0}`. */
PROTO_API void proto_rtt_init(proto_rtt *rtt);

/** Counts a probe that goes out. @return Its number, from 0 up. */
PROTO_API uint64_t proto_rtt_sent(proto_rtt *rtt);

/**
 * Counts a reply in time, and takes its round-trip time into everything.
 *
 * Jitter is made of the difference between this time and that of the last reply in order, whatever
 * was lost between them.
 *
 * @param rtt  The statistics.
 * @param time Nanoseconds from the sending of the probe to the arrival of its reply. What is longer
 *             than ::PROTO_RTT_MAX is taken for that; what is negative, seen as an `int64_t`, for
 *             0: clocks do that. Both are counted in `clipped`.
 */
PROTO_API void proto_rtt_record(proto_rtt *rtt, uint64_t time);

/** As proto_rtt_record(), for a reply that the reply to a later probe has overtaken: it is counted
 *  in `reordered`, and jitter passes it by. */
PROTO_API void proto_rtt_record_reordered(proto_rtt *rtt, uint64_t time);

/**
 * Counts a probe as lost.
 * @param rtt    The statistics.
 * @param number Its number, as proto_rtt_sent() gave it. Bursts of loss are runs of numbers; those
 *               that come in another order than they were sent in make more bursts, and shorter
 *               ones.
 */
PROTO_API void proto_rtt_lost(proto_rtt *rtt, uint64_t number);

/** @return How many probes in a row have been lost just now: those of the latest burst, or 0 where
 *  a later probe than those has been answered. Only where each probe went through
 *  proto_rtt_sent(). */
PROTO_API uint64_t proto_rtt_burst(const proto_rtt *rtt);

/** @} */

/** @name Figures
 * All are 0 where nothing has been recorded.
 * @{ */

/** @return The mean of all times, to the nearest nanosecond. */
PROTO_API uint64_t proto_rtt_mean(const proto_rtt *rtt);

/** @return The standard deviation of the times themselves (dividing by their number), rounded down:
 *  what ping of iputils calls mdev. */
PROTO_API uint64_t proto_rtt_mdev(const proto_rtt *rtt);

/** @return The standard deviation of what the times are a sample of (dividing by one less than
 *  their number), rounded down; 0 for fewer than two. */
PROTO_API uint64_t proto_rtt_sample_deviation(const proto_rtt *rtt);

/**
 * The quantile: the shortest time that is not exceeded by that share of all times.
 *
 * The answer lies between ::proto_rtt::min and ::proto_rtt::max and is off by at most 1/64 of the
 * true value. It is interpolated within a bucket as far as that promise allows; most answers are
 * much nearer.
 *
 * @param rtt        The statistics.
 * @param millionths Which: 500000 is the median, 990000 what is called p99. 0 is the minimum and
 *                   ::PROTO_RTT_ALL, or more, the maximum, which are exact.
 * @return The time.
 */
PROTO_API uint64_t proto_rtt_quantile(const proto_rtt *rtt, uint32_t millionths);

/**
 * Several quantiles in one pass.
 * @param rtt        The statistics.
 * @param millionths Which, as for proto_rtt_quantile(); quickest in ascending order.
 * @param times      The answers, as many.
 * @param count      How many.
 */
PROTO_API void proto_rtt_quantiles(const proto_rtt *rtt, const uint32_t *millionths,
                                   uint64_t *times, size_t count);

/**
 * How many times were at most @p time. A bucket that @p time divides counts with the share of it
 * that lies below; so the count is exact at the edges of buckets, and never off by more than one
 * bucket holds.
 */
PROTO_API uint64_t proto_rtt_count_up_to(const proto_rtt *rtt, uint64_t time);

/** @return The jitter (RFC 3550 section 6.4.1): the smoothed absolute difference between a time and
 *  the one before, over replies received in order. */
PROTO_API uint64_t proto_rtt_jitter(const proto_rtt *rtt);

/** @return The smoothed round-trip time (RFC 6298 section 2), SRTT. */
PROTO_API uint64_t proto_rtt_smoothed(const proto_rtt *rtt);

/** @return The smoothed deviation from it (RFC 6298 section 2), RTTVAR. */
PROTO_API uint64_t proto_rtt_variation(const proto_rtt *rtt);

/** How the retransmission timeout is bounded; `{0}` is as RFC 6298 says. */
typedef struct proto_rtt_rto_config {
    /** the clock's granularity, G; 0 is one nanosecond */
    uint64_t granularity;
    /** the least; 0 is one second, as section 2.4 advises. A program on a fast network sets less */
    uint64_t min;
    /** the most; 0 is sixty seconds, the least that section 2.5 allows */
    uint64_t max;
} proto_rtt_rto_config;

/**
 * The retransmission timeout (RFC 6298): how long to wait for a reply before it is probably not
 * coming. Each time is that of one probe and its own reply, never of one of several that might be
 * meant, as Karn's algorithm demands (section 3).
 * @param rtt      The statistics. With nothing recorded it is one second (section 2.1).
 * @param config   The bounds; NULL for those of the RFC.
 * @param timeouts How many timeouts have passed in a row since the last reply; each doubles it
 *                 (section 5.5), up to the maximum.
 * @return The timeout.
 */
PROTO_API uint64_t proto_rtt_rto(const proto_rtt *rtt, const proto_rtt_rto_config *config,
                                 unsigned timeouts);

/** @} */

/** @name Together and apart
 * @{ */

/**
 * Adds what @p from has recorded to what @p into has.
 *
 * Counts, sums, extremes and the histogram, and with them all figures but those below, are what one
 * would have that had recorded both; in whatever order and grouping many are merged. What depends
 * on an order takes @p from to be the later one: `first` is that of @p into, `last` that of @p
 * from. Jitter and the smoothed times are means of both, weighted by the times each has received. A
 * burst that goes on from one into the other is two; there is no burst just now
 * (proto_rtt_burst()).
 */
PROTO_API void proto_rtt_merge(proto_rtt *into, const proto_rtt *from);

/**
 * Takes an earlier state out of a later one; what remains is what happened between them.
 *
 * Counts, sums and the histogram are exactly that. `min` and `max` are known as far as the
 * histogram knows them: the truth lies between them, and each is off by less than its bucket is
 * wide. `last`, jitter and the smoothed times are those of the end, `longest_burst` is that of the
 * whole (0 where nothing was lost between), `first` is 0.
 *
 * @param rtt     The later state, and the result.
 * @param earlier The earlier one, which @p rtt has come from by recording or merging.
 * @return ::PROTO_OK, or ::PROTO_ERR_RTT_EARLIER where that cannot be, as when a program has been
 *         started anew in between; then nothing is changed.
 */
PROTO_API proto_err proto_rtt_subtract(proto_rtt *rtt, const proto_rtt *earlier);

/** @} */

/** @name Bytes
 * @{ */

/** The most bytes that proto_rtt_write() appends. A histogram of one host is seldom over 300. */
#define PROTO_RTT_BYTES 7168

/**
 * Appends everything that @p rtt holds, as bytes that are the same on every machine: a signature, a
 * version, and numbers of variable length, of the histogram only what is not empty.
 * @param rtt What.
 * @param out Where; ::PROTO_RTT_BYTES are always enough.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_write(const proto_rtt *rtt, proto_out *out);

/**
 * Reads what proto_rtt_write() has written, and nothing else: no number in a longer form than
 * needed, nothing behind the end, and no figures that no run of probes could have. What was read is
 * written again as it was.
 * @param bytes The whole of it.
 * @param rtt   The result; as it was before after an error.
 * @param fault May be NULL; the error and the offset of the number at fault.
 * @return ::PROTO_OK; ::PROTO_ERR_RTT_SIGNATURE, ::PROTO_ERR_RTT_VERSION,
 *         ::PROTO_ERR_RTT_TRUNCATED, ::PROTO_ERR_RTT_NUMBER, ::PROTO_ERR_RTT_CONTRADICTION or
 *         ::PROTO_ERR_RTT_TRAILING.
 */
PROTO_API proto_err proto_rtt_read(proto_slice bytes, proto_rtt *rtt, proto_fault *fault);

/** @} */

/** @name Text
 * @{ */

/** What proto_rtt_json_write() is to say beside the counts and moments. */
typedef struct proto_rtt_json_config {
    const uint32_t *quantiles; /**< which, in millionths; NULL for 0.5, 0.9, 0.99 and 0.999 */
    size_t quantile_count;     /**< how many */
    bool histogram;            /**< whether to list the buckets that are not empty */
} proto_rtt_json_config;

/**
 * Appends a JSON object (RFC 8259) without a line end. All times are integers in nanoseconds; what
 * is not known because nothing was received is `null`. Numbers above 2^53 come as they are.
 * @param rtt    What.
 * @param config How much of it; NULL for what `{0}` says.
 * @param out    Where.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_json_write(const proto_rtt *rtt, const proto_rtt_json_config *config,
                                         proto_out *out);

/** A label of a time series. */
typedef struct proto_rtt_label {
    proto_slice name;  /**< letters, digits and `_`, not beginning with a digit */
    proto_slice value; /**< any text; what is not UTF-8 is written as U+FFFD */
} proto_rtt_label;

/** Statistics and what tells them from others. */
typedef struct proto_rtt_series {
    const proto_rtt *rtt;          /**< the statistics */
    const proto_rtt_label *labels; /**< its labels */
    size_t label_count;            /**< how many */
} proto_rtt_series;

/** How metrics are written. */
typedef struct proto_rtt_metrics_config {
    proto_slice prefix;        /**< what each name begins with; empty for `ping` */
    const uint32_t *quantiles; /**< of the summary, in millionths; NULL for 0.5, 0.9, 0.99, 0.999 */
    size_t quantile_count;     /**< how many */
    const uint64_t *bounds;    /**< of the histogram, ascending; NULL for 100 us to 10 s in steps of
                                    1, 2.5, 5 */
    size_t bound_count;        /**< how many */
    bool open_metrics; /**< OpenMetrics 1.0, which ends in `# EOF`; otherwise the text format
                                    of Prometheus, as node_exporter's textfile collector reads it */
} proto_rtt_metrics_config;

/** What one metric family of proto_rtt_metrics_write() is about. */
typedef enum proto_rtt_family {
    PROTO_RTT_SENT,        /**< a counter, as are the next seven */
    PROTO_RTT_RECEIVED,    /**< see ::proto_rtt_counts */
    PROTO_RTT_LOST,        /**< see ::proto_rtt_counts */
    PROTO_RTT_LATE,        /**< see ::proto_rtt_counts */
    PROTO_RTT_DUPLICATES,  /**< see ::proto_rtt_counts */
    PROTO_RTT_REORDERED,   /**< see ::proto_rtt_counts */
    PROTO_RTT_CORRUPTED,   /**< see ::proto_rtt_counts */
    PROTO_RTT_ERRORS,      /**< see ::proto_rtt_counts */
    PROTO_RTT_LOSS_RATIO,  /**< a gauge, as are the next four */
    PROTO_RTT_MINIMUM,     /**< in seconds */
    PROTO_RTT_MAXIMUM,     /**< in seconds */
    PROTO_RTT_MDEV,        /**< in seconds */
    PROTO_RTT_JITTER,      /**< in seconds */
    PROTO_RTT_SUMMARY,     /**< quantiles, sum and count, in seconds */
    PROTO_RTT_DISTRIBUTION /**< a histogram with the bounds of the configuration, in seconds */
} proto_rtt_family;

/** How many metric families there are. */
#define PROTO_RTT_FAMILIES 15

/**
 * Appends the lines that begin a metric family: `HELP` and `TYPE`. For whoever has more series than
 * fit one buffer: for each family its head, then the samples of every series; at the very end of
 * OpenMetrics `# EOF` and a line feed.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_family_write(proto_rtt_family family,
                                           const proto_rtt_metrics_config *config, proto_out *out);

/** Appends the samples of one series in a metric family, a line each. A gauge of a time that is not
 *  known because nothing was received is left out. @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_rtt_samples_write(proto_rtt_family family,
                                            const proto_rtt_metrics_config *config,
                                            const proto_rtt_series *series, proto_out *out);

/**
 * Appends all metric families of all series, for Prometheus: a file for node_exporter's textfile
 * collector, or the body of an answer.
 * @param config How; NULL for what `{0}` says.
 * @param series The statistics with their labels, which differ from one another.
 * @param count  How many.
 * @param out    Where.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_metrics_write(const proto_rtt_metrics_config *config,
                                            const proto_rtt_series *series, size_t count,
                                            proto_out *out);

/**
 * Appends the lines that begin a log of HdrHistogram, version 1.3: format, start and the columns'
 * names.
 * @param start When the log begins, nanoseconds since 1970 by the wall clock.
 * @param out   Where.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_hdr_head_write(uint64_t start, proto_out *out);

/** One interval of a log of HdrHistogram. */
typedef struct proto_rtt_hdr_interval {
    uint64_t start;  /**< when it began, nanoseconds since 1970 by the wall clock */
    uint64_t length; /**< how long it was, in nanoseconds */
    proto_slice
        tag; /**< tells histograms of one time apart, as a host's name; may be empty. Commas,
                          blanks and line ends in it are written as `_` */
} proto_rtt_hdr_interval;

/**
 * Appends one line of a log of HdrHistogram: the interval, its longest time in milliseconds, and
 * the times as a compressed histogram of encoding V2 in base64, in nanoseconds with two significant
 * digits. Each bucket's times are written as its middle. Nothing compresses: the stream of zlib
 * consists of stored bytes.
 * @param rtt      The interval's times, as from proto_rtt_subtract().
 * @param interval When it was.
 * @param out      Where; 4096 bytes and the tag are enough for most, 20 KB for all.
 * @return ::PROTO_OK or ::PROTO_ERR_NO_SPACE.
 */
PROTO_API proto_err proto_rtt_hdr_write(const proto_rtt *rtt,
                                        const proto_rtt_hdr_interval *interval, proto_out *out);

/** How high a column of proto_rtt_columns() can be. */
#define PROTO_RTT_COLUMN_MAX 8

/**
 * The histogram as a few columns, for a picture: from the shortest time to the longest, each as
 * wide as the others on a logarithmic scale.
 * @param rtt     The statistics.
 * @param heights The columns: 0 where there is no time, else 1 to ::PROTO_RTT_COLUMN_MAX in
 *                proportion to the fullest.
 * @param count   How many columns are wanted.
 */
PROTO_API void proto_rtt_columns(const proto_rtt *rtt, uint8_t *heights, size_t count);

/** Appends columns as text in UTF-8, one character each: a blank for 0, else U+2581 to U+2588. What
 *  is higher than ::PROTO_RTT_COLUMN_MAX counts as that. @return ::PROTO_OK or
 *  ::PROTO_ERR_NO_SPACE. */
PROTO_API proto_err proto_rtt_columns_write(const uint8_t *heights, size_t count, proto_out *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
