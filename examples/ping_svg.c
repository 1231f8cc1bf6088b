/* SPDX-License-Identifier: MIT */
/*
 * A picture in a file: the times as they came, and how they are spread. It needs no other file, and
 * says in words what it shows to those who cannot see it.
 */
#include "ping.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "visible.h"

enum {
    WIDTH = 960,
    HEIGHT = 420,
    LEFT = 70,
    TOP = 50,
    PLOT = 620,
    HIGH = 300,
    SPREAD = 740,
    ROWS = 40
};

struct scale {
    double most; /* nanoseconds at the upper edge */
};

static double y_of(const struct scale *scale, double time)
{
    return TOP + HIGH - HIGH * time / scale->most;
}

/* 1, 2 or 5 and zeros: the least such number that is not less. */
static double round_up(double number)
{
    double unit = 1;
    while (unit * 10 <= number)
        unit *= 10;
    if (number <= unit) return unit;
    if (number <= 2 * unit) return 2 * unit;
    return number <= 5 * unit ? 5 * unit : 10 * unit;
}

static const char *escaped(const char *name, char *text, size_t size)
{
    char shown[512];
    size_t at = 0;
    visible(proto_slice_text(name), shown, sizeof shown);
    for (const char *c = shown; *c && at + 8 < size; c++) {
        const char *entity = *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : NULL;
        if (entity)
            at += (size_t)snprintf(text + at, size - at, "%s", entity);
        else
            text[at++] = *c;
    }
    text[at] = '\0';
    return text;
}

static void head(FILE *file, struct ping *ping, const proto_rtt *total)
{
    char name[1024], title[1200];
    if (ping->hosts.count == 1)
        snprintf(title, sizeof title, "ping %s",
                 escaped(ping->hosts.list[0].name, name, sizeof name));
    else
        snprintf(title, sizeof title, "ping of %zu hosts", ping->hosts.count);
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
            "font-family=\"sans-serif\" font-size=\"13\">\n<title>%s</title>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n"
            "<text x=\"%d\" y=\"24\" font-size=\"16\">%s</text>\n",
            WIDTH, HEIGHT, title, WIDTH, HEIGHT, LEFT, title);
    fprintf(file,
            "<text x=\"%d\" y=\"42\" fill=\"#555\">%llu sent, %llu received, %llu lost; minimum "
            "%.3f, average %.3f, maximum %.3f ms</text>\n",
            LEFT, (unsigned long long)total->counts.sent,
            (unsigned long long)total->counts.received, (unsigned long long)total->counts.lost,
            (double)total->min / 1e6, (double)proto_rtt_mean(total) / 1e6,
            (double)total->max / 1e6);
}

static void axes(FILE *file, const struct ping *ping, const struct scale *scale)
{
    for (unsigned i = 0; i <= 5; i++) {
        double time = scale->most * i / 5, y = y_of(scale, time);
        fprintf(file,
                "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" "
                "text-anchor=\"end\" fill=\"#555\">%g ms</text>\n",
                LEFT, y, LEFT + PLOT, LEFT - 6, y + 4, time / 1e6);
    }
    double seconds = (double)(ping->ended - ping->began) / 1e9;
    fprintf(file,
            "<text x=\"%d\" y=\"%d\" fill=\"#555\">0 s</text><text x=\"%d\" y=\"%d\" "
            "text-anchor=\"end\" fill=\"#555\">%.3g s</text>\n",
            LEFT, TOP + HIGH + 20, LEFT + PLOT, TOP + HIGH + 20, seconds);
}

static double x_of(const struct timeline *timeline, size_t column)
{
    return LEFT + PLOT * ((double)column + 0.5) / (double)(timeline->used > 0 ? timeline->used : 1);
}

/* From the shortest to the longest of each column, a dot at its mean, and below it what was lost. */
static void columns(FILE *file, const struct timeline *timeline, const struct scale *scale)
{
    for (size_t i = 0; i < timeline->used; i++) {
        const struct timeline_column *column = &timeline->columns[i];
        double x = x_of(timeline, i);
        if (column->count > 0) {
            double mean = (double)column->sum / (double)column->count;
            fprintf(file,
                    "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#9ecae1\" stroke-width=\"2\"/>"
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"#08519c\"/>\n",
                    x, y_of(scale, (double)column->min), y_of(scale, (double)column->max), x,
                    y_of(scale, mean));
        }
        if (column->lost > 0)
            fprintf(file,
                    "<path d=\"M%.1f %dv-8\" stroke=\"#cb181d\" stroke-width=\"2\"><title>%llu "
                    "lost</title></path>\n",
                    x, TOP + HIGH, (unsigned long long)column->lost);
    }
}

static void spread(FILE *file, const proto_rtt *total, const struct scale *scale)
{
    uint64_t counts[ROWS], most = 1, before = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        uint64_t up_to = proto_rtt_count_up_to(total, (uint64_t)(scale->most * (i + 1) / ROWS));
        counts[i] = up_to - before;
        before = up_to;
        if (counts[i] > most) most = counts[i];
    }
    double high = (double)HIGH / ROWS;
    for (unsigned i = 0; i < ROWS; i++) {
        if (counts[i] == 0) continue;
        double width = (WIDTH - SPREAD - 20) * (double)counts[i] / (double)most;
        fprintf(file,
                "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"#6baed6\"><title>%llu</title></rect>\n",
                SPREAD, TOP + HIGH - high * (i + 1), width < 1 ? 1 : width, high - 1,
                (unsigned long long)counts[i]);
    }
    static const struct mark {
        uint32_t quantile;
        const char *name;
    } marks[] = {{500000, "50%"}, {990000, "99%"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        double y = y_of(scale, (double)proto_rtt_quantile(total, marks[i].quantile));
        fprintf(file,
                "<path d=\"M%d %.1fH%d\" stroke=\"#333\" stroke-dasharray=\"3 3\"/><text x=\"%d\" "
                "y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                SPREAD, y, WIDTH - 20, SPREAD - 6, y + 4, marks[i].name);
    }
}

bool svg_write(struct ping *ping)
{
    const char *path = ping->options.svg;
    if (!path) return true;
    FILE *file = fopen(path, "we");
    if (!file) {
        report(path, strerror(errno));
        return false;
    }
    const proto_rtt *total = ping_total(ping);
    const struct scale scale = {round_up((double)(total->max > 0 ? total->max : 1))};
    head(file, ping, total);
    axes(file, ping, &scale);
    columns(file, &ping->timeline, &scale);
    if (total->counts.received > 0) spread(file, total, &scale);
    fputs("</svg>\n", file);
    bool good = !ferror(file);
    good = fclose(file) == 0 && good;
    if (!good) report(path, strerror(errno));
    return good;
}
