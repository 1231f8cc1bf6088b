// SPDX-License-Identifier: MIT
// Runs a fuzz target where there is no libFuzzer: over every file of its corpus, over every prefix
// of the short ones, and over mutations that are the same in every run.

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MUTATIONS = 200, PREFIXES = 256, MAX_FILE = 1 << 20 };

static unsigned long runs;
static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void *allocated(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) abort();
    return memory;
}

// In an allocation of exactly its size, so that a sanitizer sees the first byte too far.
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = allocated(size);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    runs++;
}

static void mutate(uint8_t *data, size_t size)
{
    static const uint8_t telling[] = "\r\n\0 :;,\t%/.0\xff\x7f";
    for (uint64_t count = 1 + random_next() % 4; count > 0; count--) {
        uint8_t *at = data + random_next() % size;
        switch (random_next() % 3) {
        case 0: *at = (uint8_t)random_next(); break;
        case 1: *at = telling[random_next() % (sizeof telling - 1)]; break;
        case 2: *at = data[random_next() % size]; break;
        }
    }
}

static void run_all(const uint8_t *data, size_t size)
{
    run(data, size);
    for (size_t length = 0; length < size && size <= PREFIXES; length++)
        run(data, length);
    uint8_t *mutant = allocated(size);
    for (int i = 0; i < MUTATIONS && size > 0; i++) {
        memcpy(mutant, data, size);
        mutate(mutant, size);
        run(mutant, size);
    }
    free(mutant);
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return perror(path), -1;
    uint8_t *data = allocated(MAX_FILE);
    size_t size = fread(data, 1, MAX_FILE, file);
    fclose(file);
    random_state = 0x9e3779b97f4a7c15u;
    run_all(data, size);
    free(data);
    return 0;
}

static int run_directory(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) return perror(path), -1;
    int files = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char name[4096];
        if (entry->d_name[0] == '.') continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= (int)sizeof name) continue;
        if (run_file(name) == 0) files++;
    }
    closedir(directory);
    return files;
}

int main(int argc, char **argv)
{
    int files = 0;
    for (int i = 1; i < argc; i++) {
        int found = run_directory(argv[i]);
        if (found > 0) files += found;
    }
    printf("%d files, %lu runs\n", files, runs);
    if (files == 0) fprintf(stderr, "%s: the corpus is empty\n", argv[0]);
    return files > 0 ? 0 : 1;
}
