/* Replays a fuzzer's corpus without libFuzzer: every file named on the command line, and every file
 * of every folder named, goes through LLVMFuzzerTestOneInput once; -runs=N adds N inputs of random
 * bytes, always the same.
 *
 * 1. The input is copied into a block of exactly its size, so that a sanitizer sees a read past it.
 * 2. Exit 0 means that all inputs came back; a crash is the failure. */
#include "tests/lib/random.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
file_replay(const char *path, long size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    size_t got = data != NULL && size > 0 ? fread(data, 1, (size_t)size, file) : 0;
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, got);
    free(data);
    return 0;
}

static void
random_replay(long runs)
{
    enum { SIZE_MAX_RANDOM = 256 };
    for (long i = 0; i < runs; i++) {
        size_t size = 1 + random_below(SIZE_MAX_RANDOM);
        uint8_t *data = malloc(size);
        for (size_t at = 0; data != NULL && at < size; at++) {
            data[at] = (uint8_t)random_below(256);
        }
        (void)LLVMFuzzerTestOneInput(data, data != NULL ? size : 0);
        free(data);
    }
}

static int
path_replay(const char *path, int *count)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(info.st_mode)) {
        *count += 1;
        return file_replay(path, (long)info.st_size);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return 1;
    }
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char inner[4096];
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        failed |= path_replay(inner, count);
    }
    (void)closedir(folder);
    return failed;
}

int
main(int argc, char **argv)
{
    int failed = 0;
    int count = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0) {
            random_replay(strtol(argv[i] + 6, NULL, 10));
        } else {
            failed |= path_replay(argv[i], &count);
        }
    }
    printf("%d inputs replayed\n", count);
    return failed;
}
