/* slt: runs SQL tests. Every file runs in every world, and must give the same rows in each.
 *
 *   slt tests/sql                      all files below, all worlds
 *   slt --vector-rows 3 a.slt          one world
 *   slt --bless a.slt                  writes what really comes into the file, for review */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/slt/runner.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const slt_world WORLDS[] = {
    {.name = "rows2048", .lanes = 1},
    {.name = "rows1", .lanes = 1, .vector_rows = 1},
    {.name = "rows3", .lanes = 1, .vector_rows = 3},
    {.name = "hash0", .lanes = 1, .hash_zero = 1},
    {.name = "lanes4", .lanes = 4, .batch_rows = 8},
    {.name = "spill", .lanes = 1, .batch_rows = 8, .spill_all = 1},
    {.name = "restart", .lanes = 1, .restarts = 1},
    {.name = "restart_spill", .lanes = 1, .restarts = 1, .spill_all = 1},
};
enum { WORLD_COUNT = sizeof(WORLDS) / sizeof(WORLDS[0]) };

typedef struct slt_totals {
    int passed, failed, skipped;
} slt_totals;

static slt_lines files;

static int
file_found(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)where;
    size_t size = strlen(path);
    if (kind == FTW_F && size > 4 && strcmp(path + size - 4, ".slt") == 0)
        slt_lines_add(&files, path, size);
    return 0;
}

static void
blessed_write(slt_runner *runner, const slt_script *script)
{
    for (; runner->blessed_line < script->lines.count; runner->blessed_line++) {
        const char *line = script->lines.items[runner->blessed_line];
        slt_lines_add(&runner->blessed, line, strlen(line));
    }
    FILE *file = fopen(runner->path, "wb");
    if (file == NULL) {
        printf("cannot write %s: %s\n", runner->path, strerror(errno));
        return;
    }
    for (int i = 0; i < runner->blessed.count; i++)
        fprintf(file, "%s\n", runner->blessed.items[i]);
    fclose(file);
}

static void
file_run(const char *path, const slt_world *world, bool bless, slt_totals *totals)
{
    slt_script script;
    slt_runner runner;
    if (!slt_script_load(&script, path)) {
        printf("cannot read %s: %s\n", path, strerror(errno));
        totals->failed++;
        return;
    }
    slt_runner_init(&runner, world, path);
    runner.bless = bless;
    slt_runner_run(&runner, &script);
    if (bless)
        blessed_write(&runner, &script);
    totals->passed += runner.passed;
    totals->failed += runner.failed;
    totals->skipped += runner.skipped;
    slt_runner_fini(&runner);
    slt_script_fini(&script);
}

static int
usage(void)
{
    printf("slt [--bless] [--verbose] [--vector-rows N] [--hash-zero] [--lanes N] "
           "FILE|DIRECTORY…\n");
    return 2;
}

int
main(int argc, char **argv)
{
    slt_world own = {.name = "own", .lanes = 1};
    bool one_world = false, bless = false, verbose = false;
    slt_totals totals = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bless") == 0)
            bless = one_world = true;
        else if (strcmp(argv[i], "--verbose") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--hash-zero") == 0)
            own.hash_zero = one_world = true;
        else if (strcmp(argv[i], "--restart") == 0)
            own.name = "restart", own.restarts = one_world = true;
        else if (strcmp(argv[i], "--vector-rows") == 0 && i + 1 < argc)
            own.vector_rows = (int)strtol(argv[++i], NULL, 10), one_world = true;
        else if (strcmp(argv[i], "--lanes") == 0 && i + 1 < argc)
            own.lanes = (int)strtol(argv[++i], NULL, 10), own.batch_rows = 8, one_world = true;
        else if (argv[i][0] == '-')
            return usage();
        else if (nftw(argv[i], file_found, 16, FTW_PHYS) != 0)
            slt_lines_add(&files, argv[i], strlen(argv[i]));
    }
    if (files.count == 0)
        return usage();
    slt_lines_sort(&files);
    for (int i = 0; i < files.count; i++) {
        if (verbose)
            printf("%s\n", files.items[i]);
        for (int world = 0; world < (one_world ? 1 : WORLD_COUNT); world++)
            file_run(files.items[i], one_world ? &own : &WORLDS[world], bless, &totals);
    }
    printf("%d files in %d worlds; %d passed, %d failed, %d skipped\n", files.count,
           one_world ? 1 : WORLD_COUNT, totals.passed, totals.failed, totals.skipped);
    slt_lines_reset(&files);
    return totals.failed > 0 ? 1 : 0;
}
