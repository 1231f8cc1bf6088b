/* SPDX-License-Identifier: MIT */
/* Prints a table of states of the library, as a diagram for Graphviz or as tables of Markdown:
   state_diagram [-t] [NAME]. */
#include <proto/http.h>

#include <stdio.h>
#include <string.h>

typedef struct transition {
    const char *state;
    const char *step;
    const char *next;
} transition;

static void print_http_message_diagram(void)
{
    puts("digraph http_message {\n"
         "    rankdir=LR;\n"
         "    node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
         "    edge [fontname=\"sans-serif\", fontsize=9];\n"
         "    label=\"A channel of an HTTP connection: requests one way, responses the other\";\n"
         "    fontname=\"sans-serif\"; fontsize=11;\n"
         "    begin [shape=point];\n"
         "    begin -> IDLE;");
#define STATE(name, meaning) puts("    " #name " [tooltip=\"" meaning "\"];");
    PROTO_HTTP_STATES(STATE)
#undef STATE
#define TRANSITION(state, step, next) puts("    " #state " -> " #next " [label=\"" #step "\"];");
    PROTO_HTTP_TRANSITIONS(TRANSITION)
#undef TRANSITION
    puts("}");
}

static void print_steps_from(const char *state, const transition *all, size_t count)
{
    const char *separator = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].state, state) != 0) continue;
        printf("%s%s", separator, all[i].step);
        if (strcmp(all[i].next, state) != 0) printf(" to %s", all[i].next);
        separator = ", ";
    }
    if (separator[0] == '\0') printf("nothing");
}

static void print_state(const char *name, const char *meaning, const transition *all, size_t count)
{
    printf("| %s | %s | ", name, meaning);
    print_steps_from(name, all, count);
    puts(" |");
}

static void print_http_message_tables(void)
{
#define TRANSITION(state, step, next) {#state, #step, #next},
    static const transition all[] = {PROTO_HTTP_TRANSITIONS(TRANSITION)};
#undef TRANSITION
    puts("| state | means | what may happen, and what then is |\n| --- | --- | --- |");
#define STATE(name, meaning) print_state(#name, meaning, all, sizeof all / sizeof *all);
    PROTO_HTTP_STATES(STATE)
#undef STATE
    puts("\n| step | means |\n| --- | --- |");
#define STEP(name, meaning) puts("| " #name " | " meaning " |");
    PROTO_HTTP_STEPS(STEP)
#undef STEP
}

int main(int argc, char **argv)
{
    int tables = argc > 1 && strcmp(argv[1], "-t") == 0;
    const char *name = argc > 1 + tables ? argv[1 + tables] : "http_message";
    if (strcmp(name, "http_message") != 0) {
        fprintf(stderr, "state_diagram: %s: there is no such table\n", name);
        return 2;
    }
    if (tables) {
        print_http_message_tables();
    } else {
        print_http_message_diagram();
    }
    return 0;
}
