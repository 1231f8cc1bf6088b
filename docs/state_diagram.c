/* SPDX-License-Identifier: MIT */
/* Prints a machine of the library, as a diagram for Graphviz or as tables of Markdown:
   state_diagram [-t] [NAME]. */
#include <proto/http.h>
#include <proto/probe.h>
#include <proto/trace.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct word {
    const char *name;
    const char *meaning;
} word;

typedef struct transition {
    const char *state;
    const char *step;
    const char *next;
    const char *event; /* what it tells the program; empty where no event belongs to a step */
} transition;

/* The first state is where it begins. Lists end in a zero. */
typedef struct machine {
    const char *name;
    const char *title;
    const word *states;
    const word *steps;
    const transition *transitions;
} machine;

#define WORD(name, meaning)               {#name, meaning},
#define TRANSITION(state, step, next)     {#state, #step, #next, ""},
#define TELLING(state, step, next, event) {#state, #step, #next, #event},

static const word http_states[] = {PROTO_HTTP_STATES(WORD){NULL, NULL}};
static const word http_steps[] = {PROTO_HTTP_STEPS(WORD){NULL, NULL}};
static const transition http_transitions[] = {
    PROTO_HTTP_TRANSITIONS(TRANSITION){NULL, NULL, NULL, NULL}};

static const word probe_states[] = {PROTO_PROBE_STATES(WORD){NULL, NULL}};
static const word probe_steps[] = {PROTO_PROBE_STEPS(WORD){NULL, NULL}};
static const transition probe_transitions[] = {
    PROTO_PROBE_TRANSITIONS(TELLING){NULL, NULL, NULL, NULL}};

static const word trace_states[] = {PROTO_TRACE_STATES(WORD){NULL, NULL}};
static const word trace_steps[] = {PROTO_TRACE_STEPS(WORD){NULL, NULL}};
static const transition trace_transitions[] = {
    PROTO_TRACE_TRANSITIONS(TELLING){NULL, NULL, NULL, NULL}};

static const machine machines[] = {
    {"http_message", "A channel of an HTTP connection: requests one way, responses the other",
     http_states, http_steps, http_transitions},
    {"probe", "A probe, from its sending on", probe_states, probe_steps, probe_transitions},
    {"trace", "A probe of a trace", trace_states, trace_steps, trace_transitions},
};

static void print_diagram(const machine *of)
{
    printf("digraph %s {\n"
           "    rankdir=LR;\n"
           "    node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
           "    edge [fontname=\"sans-serif\", fontsize=9];\n"
           "    label=\"%s\";\n"
           "    fontname=\"sans-serif\"; fontsize=11;\n"
           "    begin [shape=point];\n"
           "    begin -> %s;\n",
           of->name, of->title, of->states[0].name);
    for (const word *state = of->states; state->name; state++)
        printf("    %s [tooltip=\"%s\"];\n", state->name, state->meaning);
    for (const transition *it = of->transitions; it->state; it++)
        printf("    %s -> %s [label=\"%s\"];\n", it->state, it->next, it->step);
    puts("}");
}

static void print_steps_from(const machine *of, const char *state)
{
    const char *separator = "";
    for (const transition *it = of->transitions; it->state; it++) {
        if (strcmp(it->state, state) != 0) continue;
        printf("%s%s", separator, it->step);
        if (strcmp(it->next, state) != 0) printf(" to %s", it->next);
        if (it->event[0] != '\0') printf(" (%s)", it->event);
        separator = ", ";
    }
    if (separator[0] == '\0') printf("nothing");
}

static void print_tables(const machine *of)
{
    puts("| state | means | what may happen, and what then is |\n| --- | --- | --- |");
    for (const word *state = of->states; state->name; state++) {
        printf("| %s | %s | ", state->name, state->meaning);
        print_steps_from(of, state->name);
        puts(" |");
    }
    puts("\n| step | means |\n| --- | --- |");
    for (const word *step = of->steps; step->name; step++)
        printf("| %s | %s |\n", step->name, step->meaning);
}

int main(int argc, char **argv)
{
    bool tables = argc > 1 && strcmp(argv[1], "-t") == 0;
    const char *name = argc > 1 + tables ? argv[1 + tables] : machines[0].name;
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        if (strcmp(name, machines[i].name) != 0) continue;
        if (tables) {
            print_tables(&machines[i]);
        } else {
            print_diagram(&machines[i]);
        }
        return 0;
    }
    fprintf(stderr, "state_diagram: %s: there is no such table\n", name);
    return 2;
}
