/* SPDX-License-Identifier: MIT */
/* Prints a table of states of the library as a diagram for Graphviz: state_diagram [NAME]. */
#include <proto/http.h>

#include <stdio.h>
#include <string.h>

static void print_state(const char *name, const char *meaning)
{
    printf("    %s [tooltip=\"%s\"];\n", name, meaning);
}

static void print_http_message(void)
{
    puts("digraph http_message {\n"
         "    rankdir=LR;\n"
         "    node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
         "    edge [fontname=\"sans-serif\", fontsize=9];\n"
         "    label=\"A channel of an HTTP connection: requests one way, responses the other\";\n"
         "    fontname=\"sans-serif\"; fontsize=11;\n"
         "    begin [shape=point];\n"
         "    begin -> IDLE;");
#define STATE(name, meaning) print_state(#name, meaning);
    PROTO_HTTP_STATES(STATE)
#undef STATE
#define TRANSITION(state, step, next) puts("    " #state " -> " #next " [label=\"" #step "\"];");
    PROTO_HTTP_TRANSITIONS(TRANSITION)
#undef TRANSITION
    puts("}");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "http_message";
    if (strcmp(name, "http_message") != 0) {
        fprintf(stderr, "state_diagram: %s: there is no such table\n", name);
        return 2;
    }
    print_http_message();
    return 0;
}
