// SPDX-License-Identifier: MIT
// Sends every request of tests/vectors that must be refused to a server, as an attacker would: with another request behind it
// and the connection held open. The server must answer with the right status, answer nothing that comes behind, and close.
//
//     send_vectors [--single] PORT DOCUMENT...
//
// With --single the server answers one request a connection, and only attacks that come first are sent.
// The responses are read here by hand, so that not the same code judges both ends.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "text.h"
#include "vector.h"

enum { PATIENCE_MS = 10000, MAX_RESPONSES = 16 };

static const char smuggled[] = "GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/* What a server said until it closed. */
typedef struct conversation {
    text_buffer said;
    int statuses[MAX_RESPONSES];
    size_t count;
    bool last_closes; /* the last response says so */
    bool closed;      /* and so it was */
    bool garbled;     /* something that is no response */
} conversation;

/* -------------------------------------------------------------------------------- the socket -- */

static int dial(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("send_vectors: connect");
        exit(1);
    }
    return fd;
}

/* A server may close before it has taken all; what it said is there all the same. */
static void send_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes += sent;
        size -= (size_t)sent;
    }
}

static bool receive_until_close(int fd, text_buffer *said)
{
    char bytes[16384];
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    while (poll(&readable, 1, PATIENCE_MS) > 0) {
        ssize_t size = recv(fd, bytes, sizeof bytes, 0);
        if (size <= 0) return true;
        text_put(said, bytes, (size_t)size);
    }
    return false;
}

/* ----------------------------------------------------------------------------- the responses -- */

/* The value of a field in the head that ends at `end`, or NULL. */
static const char *field_value(const char *head, const char *end, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL && line < end;
         line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, len) == 0)
            return line + 2 + len + strspn(line + 2 + len, " ");
    return NULL;
}

/* Takes one response off what was said; NULL where there is none. */
static const char *next_response(conversation *talk, const char *at)
{
    const char *stop = talk->said.ptr + talk->said.len;
    const char *end = strstr(at, "\r\n\r\n");
    if (strncmp(at, "HTTP/1.1 ", 9) != 0 || end == NULL) return NULL;
    int status = atoi(at + 9);
    const char *length = field_value(at, end, "Content-Length:");
    const char *connection = field_value(at, end, "Connection:");
    size_t size = length != NULL && status >= 200 && status != 304 ? strtoull(length, NULL, 10) : 0;
    if (size > (size_t)(stop - end - 4) || talk->count == MAX_RESPONSES) return NULL;
    if (status >= 200) talk->statuses[talk->count++] = status;
    talk->last_closes = connection != NULL && strncasecmp(connection, "close", 5) == 0;
    return end + 4 + size;
}

static void read_responses(conversation *talk)
{
    const char *at = text_string(&talk->said);
    while (*at != '\0' && !talk->garbled) {
        const char *next = next_response(talk, at);
        talk->garbled = next == NULL;
        at = next;
    }
}

static void talk_to(const char *port, const uint8_t *bytes, size_t size, conversation *talk)
{
    int fd = dial(port);
    *talk = (conversation){0};
    send_all(fd, bytes, size);
    send_all(fd, (const uint8_t *)smuggled, sizeof smuggled - 1);
    talk->closed = receive_until_close(fd, &talk->said);
    close(fd);
    read_responses(talk);
}

/* --------------------------------------------------------------------------------- the cases -- */

static size_t occurrences(const char *text, const char *wanted)
{
    size_t count = 0;
    for (; (text = strstr(text, wanted)) != NULL; text++)
        count++;
    return count;
}

static bool single;

/* Whether it can be sent: refused by the strict rules and default limits, and not for being cut
   off. */
static bool is_attack(const vector_case *vector)
{
    static const proto_http_config strict;
    bool request = vector->role == VECTOR_REQUEST || vector->role == VECTOR_SERVER;
    if (single && strstr(vector->events, "END\n") != NULL) return false;
    return request && !vector->eof && !vector->early &&
           memcmp(&vector->config, &strict, sizeof strict) == 0 && vector->fields >= 100 &&
           strstr(vector->events, "FAILED ") != NULL;
}

static const char *what_is_wrong(const vector_case *vector, const conversation *talk)
{
    const char *failure = strstr(vector->events, "FAILED ");
    int status = atoi(strrchr(failure, ' '));
    size_t heads = occurrences(vector->events, "HEAD ");
    size_t ends = occurrences(vector->events, "END\n");
    if (talk->garbled) return "something that is no response";
    if (talk->count <= ends) return "no answer";
    if (talk->count > ends + 1) return "an answer to what was smuggled";
    /* Who refuses the method has answered before the body turns out to be bad. */
    if (heads == ends && talk->statuses[ends] != status) return "another status";
    if (heads > ends && talk->statuses[ends] < 400) return "a success";
    if (heads == ends && !talk->last_closes) return "no announcement that it closes";
    return talk->closed ? NULL : "a connection that stays open";
}

static bool refuse_one(const char *port, const vector_case *vector)
{
    conversation talk;
    talk_to(port, vector->input, vector->size, &talk);
    const char *wrong = what_is_wrong(vector, &talk);
    if (wrong != NULL) {
        const char *failure = strstr(vector->events, "FAILED ");
        printf("not ok smuggling: %s:%d: %s: %s\n    expected %.*s\n    %zu answers:", vector->file,
               vector->line, vector->title, wrong, (int)strcspn(failure, "\n"), failure,
               talk.count);
        for (size_t i = 0; i < talk.count; i++)
            printf(" %d", talk.statuses[i]);
        printf("\n");
    }
    text_free(&talk.said);
    return wrong == NULL;
}

static bool refuse_document(const char *port, const char *path)
{
    vector_list cases = {0};
    size_t sent = 0;
    size_t refused = 0;
    vectors_read(&cases, path);
    for (size_t i = 0; i < cases.count; i++) {
        if (!is_attack(&cases.at[i])) continue;
        sent++;
        if (refuse_one(port, &cases.at[i])) refused++;
    }
    const char *slash = strrchr(path, '/');
    if (sent > 0)
        printf("%s smuggling: %s: %zu of %zu refused, and nothing behind them answered\n",
               refused == sent ? "ok" : "not ok", slash != NULL ? slash + 1 : path, refused, sent);
    fflush(stdout);
    vectors_free(&cases);
    return refused == sent;
}

/* What is sent behind an attack is answered behind a request that is none: the test can fail. */
static bool check_itself(const char *port)
{
    static const char fair[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    conversation talk;
    talk_to(port, (const uint8_t *)fair, sizeof fair - 1, &talk);
    bool right = talk.statuses[0] == 200 && talk.closed &&
                 (single ? talk.count == 1 : talk.count == 2 && talk.statuses[1] == 404);
    printf("%s smuggling: what is sent behind a fair request is %s\n", right ? "ok" : "not ok",
           single ? "not answered here" : "answered");
    text_free(&talk.said);
    return right;
}

int main(int argc, char **argv)
{
    single = argc > 1 && strcmp(argv[1], "--single") == 0;
    if (single) argv++, argc--;
    if (argc < 3) {
        fprintf(stderr, "usage: send_vectors [--single] PORT DOCUMENT...\n");
        return 2;
    }
    bool right = check_itself(argv[1]);
    for (int i = 2; i < argc; i++)
        right &= refuse_document(argv[1], argv[i]);
    return right ? 0 : 1;
}
