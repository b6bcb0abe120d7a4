/* Runs a job and tells what its checkpoints cost:
 *
 *   weir_checkpoint_probe FILE STATE_DIR [STEPS]
 *
 *   start 12.3                          ms until the job had its state back
 *   checkpoint 2 101.5 1.2 37765120     number, ms from its mark to COMMIT, longest pause of a step
 *                                       in ms, bytes
 *   end 3.21 10000000                   seconds of stepping, rows in
 *
 * STEPS: it is stopped, with a last checkpoint, after so many steps of 10 ms. */
#include "bench/tool.h"
#include "weir.h"

#include <stdio.h>
#include <stdlib.h>

static char text[1 << 16];

static const char *
script_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file) {
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

static void
check(int rc, weir_error *err)
{
    if (rc < 0) {
        fprintf(stderr, "%s %s\n", err ? weir_error_message(err) : "", err ? weir_error_detail(err)
                                                                           : "");
        exit(1);
    }
}

static void
checkpoint_tell(const weir_query *query, int64_t *told)
{
    weir_stats stats = {.size = sizeof stats};
    weir_query_stats(query, &stats);
    if (stats.epoch > *told) {
        printf("checkpoint %lld %.2f %.2f %lld\n", (long long)stats.epoch,
               (double)stats.checkpoint_duration_us / 1e3, (double)stats.checkpoint_pause_us / 1e3,
               (long long)stats.checkpoint_bytes);
        *told = stats.epoch;
    }
}

int
main(int argc, char **argv)
{
    weir_db *db = NULL;
    weir_query *query = NULL;
    weir_error *err = NULL;
    if (argc < 3) {
        tool_stop("usage", "weir_checkpoint_probe FILE STATE_DIR [STEPS]");
    }
    long steps = argc > 3 ? strtol(argv[3], NULL, 10) : -1;
    check(weir_open(NULL, &db, &err), err);
    check(weir_prepare_job(db, script_read(argv[1]), -1, &query, &err), err);
    weir_job_options options = {.size = sizeof options, .name = "probe", .state_dir = argv[2]};
    int64_t start_us = weir_monotonic_us(), told = 0;
    check(weir_start_job(query, &options, &err), err);
    printf("start %.2f\n", (double)(weir_monotonic_us() - start_us) / 1e3);
    start_us = weir_monotonic_us();
    int rc;
    while ((rc = weir_step(query, 10)) == WEIR_AGAIN || rc == WEIR_ROW) {
        checkpoint_tell(query, &told);
        if (steps > 0 && --steps == 0) {
            weir_stop(query, 0);
        }
    }
    checkpoint_tell(query, &told);
    weir_stats stats = {.size = sizeof stats};
    weir_query_stats(query, &stats);
    printf("end %.3f %llu\n", (double)(weir_monotonic_us() - start_us) / 1e6,
           (unsigned long long)stats.rows_in);
    weir_query_free(query);
    weir_close(db);
    return rc == WEIR_DONE ? 0 : 1;
}
