/* SPDX-License-Identifier: MIT */
/*
 * All senders in a table. On a terminal it stands below the lines about events and is drawn over
 * itself: before a line is printed, the cursor goes back to where the table begins.
 */
#include "heartbeatd.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"

#define DRAW_INTERVAL SECONDS(1)

enum { FEWEST_ROWS = 5, MOST_ROWS = 1000, COLUMNS = 9 };

static const char *const titles[COLUMNS] = {"SENDER", "STATE",   "HEARD",  "NUMBER", "RECEIVED",
                                            "LOST",   "DIFF ms", "JITTER", "EVERY s"};
static const int widths[COLUMNS] = {-28, -8, 9, 10, 9, 7, 11, 9, 8};

static const char *state_name(const proto_heartbeat_peer *peer)
{
    switch ((proto_heartbeat_state)peer->state) {
    case PROTO_HEARTBEAT_IS_ALIVE: return "alive";
    case PROTO_HEARTBEAT_IS_STOPPED: return "stopped";
    case PROTO_HEARTBEAT_IS_GONE: return "left";
    case PROTO_HEARTBEAT_UNUSED: break;
    }
    return "";
}

static void put_name(char *cell, size_t size, const proto_heartbeat_peer *peer)
{
    char address[ADDRESS_TEXT];
    if (peer->id_length > 0) {
        snprintf(cell, size, "%.*s", (int)peer->id_length, (const char *)peer->id);
    } else {
        address_text_with_port(&peer->address, address);
        snprintf(cell, size, "%s", address);
    }
}

static void put_row(const proto_heartbeat_peer *peer, uint64_t now, char cells[COLUMNS][64])
{
    const proto_heartbeat_counts *counts = &peer->counts;
    uint64_t all = counts->received + counts->lost;
    uint64_t age = now > peer->heard ? now - peer->heard : 0;
    put_name(cells[0], 64, peer);
    snprintf(cells[1], 64, "%s", state_name(peer));
    snprintf(cells[2], 64, "%.1f s", (double)age / 1e9);
    snprintf(cells[3], 64, "%llu", (unsigned long long)peer->sequence);
    snprintf(cells[4], 64, "%llu", (unsigned long long)counts->received);
    snprintf(cells[5], 64, "%.1f%%", 100.0 * (double)counts->lost / (double)(all > 0 ? all : 1));
    snprintf(cells[6], 64, "%.3f", (double)peer->difference / 1e6);
    snprintf(cells[7], 64, "%.3f", (double)peer->jitter / 1e6);
    snprintf(cells[8], 64, "%.3f", (double)peer->spacing / 1e9);
}

/* A line that is longer than the terminal is wide would take two. */
static void print_row(const char *const *cells, size_t width)
{
    char line[512];
    size_t at = 0;
    for (size_t i = 0; i < COLUMNS && at < sizeof line; i++) {
        int size = snprintf(line + at, sizeof line - at, "%*s ", widths[i], cells[i]);
        at += size > 0 ? (size_t)size : 0;
    }
    if (at > sizeof line - 1) at = sizeof line - 1;
    while (at > 0 && line[at - 1] == ' ')
        at--;
    if (at > width) at = width;
    printf("%.*s\n", (int)at, line);
}

static void print_peer(const proto_heartbeat_peer *peer, uint64_t now, size_t width)
{
    char text[COLUMNS][64];
    const char *cells[COLUMNS];
    put_row(peer, now, text);
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = text[i];
    print_row(cells, width);
}

/* Returns how many lines. */
static unsigned print_table(const struct server *server, uint64_t now, size_t rows, size_t width)
{
    size_t count = server->receiver.peers;
    size_t shown = count < rows ? count : rows;
    if (count == 0) return 0;
    print_row(titles, width);
    for (size_t i = 0; i < shown; i++)
        print_peer(proto_heartbeat_peer_at(&server->receiver, i), now, width);
    if (shown == count) return (unsigned)shown + 1;
    printf("and %zu more\n", count - shown);
    return (unsigned)shown + 2;
}

void table_clear(struct server *server)
{
    if (server->drawn > 0) printf("\x1b[%uA\x1b[J", server->drawn);
    server->drawn = 0;
}

uint64_t table_draw(struct server *server, uint64_t now)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    if (!server->options.table) return PROTO_NEVER;
    if (server->drawn > 0 && now < server->draw_at) return server->draw_at;
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    size_t rows = size.ws_row > FEWEST_ROWS + 4 ? size.ws_row - 4u : FEWEST_ROWS;
    table_clear(server);
    server->drawn = print_table(server, now, rows, size.ws_col > 0 ? size.ws_col : 80);
    server->draw_at = now + DRAW_INTERVAL;
    return server->draw_at;
}

void table_print(struct server *server, uint64_t now)
{
    table_clear(server);
    print_table(server, now, MOST_ROWS, 200);
    printf(
        "Datagrams that were no heartbeats: %llu. Heartbeats for which there was no room: %llu.\n",
        (unsigned long long)server->receiver.malformed,
        (unsigned long long)server->receiver.refused);
}
