/* SPDX-License-Identifier: MIT */
/* A web client that shows what the server says. httpget.h tells what is where. */
#include "httpget.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: httpget [OPTION]... SERVER_ADDRESS SERVER_PORT FILENAME\n"
    "       httpget [OPTION]... URL\n"
    "Asks a web server for a file and shows its response: status line, fields and body.\n"
    "\n"
    "  -o, --output FILE     store the body in FILE, once it is whole; - for the body alone on\n"
    "                        standard output\n"
    "  -i, --include         with -o, show the status line and the fields all the same\n"
    "  -H, --header FIELD    send `Name: value` too\n"
    "  -X, --method METHOD   use this method (GET, or POST with -d)\n"
    "  -d, --data DATA       send DATA, as a form does\n"
    "  -L, --follow          follow redirections, ten at most\n"
    "      --timeout SECONDS how long the server may be silent (30)\n"
    "  -h, --help            say this\n"
    "  -V, --version         say which version this is\n"
    "\n"
    "Exit status: 0 for a response of 2xx or 3xx, 4 for 4xx, 5 for 5xx; 1 failed, 2 wrong usage,\n"
    "3 a response that is malformed or ended too early.\n";

enum { TIMEOUT = 256 };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},      {"include", no_argument, NULL, 'i'},
    {"header", required_argument, NULL, 'H'},      {"method", required_argument, NULL, 'X'},
    {"data", required_argument, NULL, 'd'},        {"follow", no_argument, NULL, 'L'},
    {"timeout", required_argument, NULL, TIMEOUT}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},           {NULL, 0, NULL, 0},
};

/* `Name: value`. Whether they are fit to be sent is for the library to say. */
static int add_field(struct options *options, const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text) return misused(text, "not a field like `Name: value`");
    if (options->extra_count == MAX_EXTRA) return misused(text, "too many fields");
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    options->extra[options->extra_count++] = (proto_http_pair){
        proto_slice_of(text, (size_t)(colon - text)),
        proto_slice_text(value),
    };
    return EXIT_OK;
}

static int set_timeout(struct options *options, const char *text)
{
    char *end;
    errno = 0;
    unsigned long seconds = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || seconds < 1 || seconds > 86400) {
        return misused(text, "not a number of seconds from 1 to 86400");
    }
    options->timeout = SECONDS(seconds);
    return EXIT_OK;
}

/* Returns EXIT_OK to go on, anything else to exit with, or -1 where all is said and done. */
static int read_option(struct options *options, int option)
{
    switch (option) {
    case 'o': options->output = optarg; return EXIT_OK;
    case 'i': options->show_head = true; return EXIT_OK;
    case 'H': return add_field(options, optarg);
    case 'X': options->method = optarg; return EXIT_OK;
    case 'd': options->data = optarg; return EXIT_OK;
    case 'L': options->follow = true; return EXIT_OK;
    case TIMEOUT: return set_timeout(options, optarg);
    case 'h': fputs(help, stdout); return -1;
    case 'V': printf("httpget (libproto) %s\n", proto_version()); return -1;
    default: return EXIT_USAGE; /* getopt has said why */
    }
}

static int read_place(struct place *place, int count, char **words)
{
    const char *wrong = "neither a URL nor SERVER_ADDRESS SERVER_PORT FILENAME";
    if (count == 1) wrong = place_of_url(place, proto_slice_text(words[0]));
    if (count == 3) wrong = place_of_file(place, words[0], words[1], words[2]);
    return wrong ? misused(count > 0 ? words[0] : "arguments", wrong) : EXIT_OK;
}

/* What a redirection does to the request (RFC 9110 section 15.4): after 303, and after 301 or 302
   to a POST, what is asked for is the answer at another place, and not the same again. */
static void turn_into_get(struct options *options, int status)
{
    bool head = options->method && strcmp(options->method, "HEAD") == 0;
    bool post = options->method ? strcmp(options->method, "POST") == 0 : options->data != NULL;
    if (status == 303 ? head : !((status == 301 || status == 302) && post)) return;
    options->method = NULL;
    options->data = NULL;
}

/* Returns EXIT_OK with the next place to ask. What a user sends to one owner is not meant for
   another. */
static int redirect(struct place *next, const struct place *place, struct options *options,
                    const struct outcome *outcome)
{
    proto_slice location = proto_slice_of(outcome->location, outcome->location_length);
    const char *wrong = place_redirected(next, place, location);
    if (wrong) return failed("redirection", wrong);
    turn_into_get(options, outcome->status);
    if (place_same_origin(place, next)) return EXIT_OK;
    options->extra_count = 0;
    return options->data ? failed(place_text(next), "the data are not sent to another server")
                         : EXIT_OK;
}

static int follow(struct place *place, struct options *options)
{
    static struct place next;
    static struct outcome outcome;
    for (int redirections = 0;; redirections++) {
        exchange(place, options, &outcome);
        bool more = options->follow && outcome.exit_status == EXIT_OK &&
                    redirects(outcome.status) && outcome.location_length > 0;
        if (!more) return outcome.exit_status;
        if (redirections == MAX_REDIRECTS) return failed(place_text(place), "redirected too often");
        int result = redirect(&next, place, options, &outcome);
        if (result != EXIT_OK) return result;
        /* Not copied, because its parts point into it. */
        if (place_of_url(place, proto_slice_text(place_text(&next)))) return EXIT_FAILED;
    }
}

int main(int argc, char **argv)
{
    static struct place place;
    struct options options = {.timeout = SECONDS(30)};
    int option;
    while ((option = getopt_long(argc, argv, "o:iH:X:d:LhV", long_options, NULL)) != -1) {
        int result = read_option(&options, option);
        if (result != EXIT_OK) return result < 0 ? EXIT_OK : result;
    }
    int result = read_place(&place, argc - optind, argv + optind);
    return result == EXIT_OK ? follow(&place, &options) : result;
}
