/* ORDER BY's own parts: the operator (op_sort.c), rows in order (sort_rows.c), and what has no room
 * in memory (sort_spill.c). */
#ifndef WEIR_EXEC_SORT_H
#define WEIR_EXEC_SORT_H

#include "exec/operator.h"
#include "exec/order.h"
#include "exec/part.h"
#include "exec/program.h"

typedef struct wr_sort_row {
    const wr_batch *batch; /* columns, then sort keys */
    uint16_t row;
} wr_sort_row;

/* Counts rows that come in order, to leave out what OFFSET and LIMIT do. */
typedef struct wr_sort_cut {
    int64_t offset, limit; /* limit -1: none */
    int64_t place, time_us;
} wr_sort_cut;

typedef struct wr_sort {
    wr_operator op;
    bool per_window;
    int key_count, column_count;
    wr_program *program;
    wr_vector *wide;  /* columns, then sort keys */
    wr_type *types;   /* of these */
    wr_arena *arena;  /* of `batches` */
    wr_arena *out_arena;
    wr_batch **batches;
    int batch_count, batch_capacity;
    wr_sort_row *rows;
    uint32_t row_count, row_capacity;
    wr_order_item *order, *scratch;
    uint32_t order_capacity;
    uint32_t prune_at;
    int64_t watermark_us;
    wr_part *runs; /* sorted rows on disk; they came before all rows in memory */
    int32_t last_run;
    /* checkpoints: batches before `stored_count` are in the store; those before `marked_count`
     * were there at the mark */
    wr_commit *saving; /* NULL: these are the same */
    int stored_count, marked_count;
    bool is_stored, begins_base;
    int32_t *gone_runs; /* that the store has, and we have no more */
    int gone_count, gone_capacity;
    uint16_t selection[WR_BATCH_ROWS];
} wr_sort;

/* ── rows in memory (sort_rows.c) ───────────────────────────────────────────────────────────── */

/* `batch`, columns and sort keys, lies in sort->arena. */
void wr_sort_add(wr_sort *sort, wr_batch *batch);
/* All rows are gone. */
void wr_sort_empty(wr_sort *sort);
int64_t wr_sort_row_time(const wr_sort_row *row);
/* < 0, 0, > 0: does `a` come before, with or after `b`? Per window, by event time first. */
int wr_sort_compare(const wr_sort *sort, const wr_sort_row *a, const wr_sort_row *b);
/* sort->order = ids of the rows with event time < before_us (END: all), sorted; how many. */
uint32_t wr_sort_order(wr_sort *sort, int64_t before_us);
/* Is the next row, of this event time, one that comes out? */
bool wr_sort_cut_takes(wr_sort_cut *cut, const wr_sort *sort, int64_t time_us);
/* order[0, count) without what is cut; how many are left. */
uint32_t wr_sort_cut_order(wr_sort *sort, uint32_t count, wr_sort_cut cut);
/* These rows as a batch of the first `column_count` columns. */
wr_batch *wr_sort_gather(const wr_sort_row *rows, int count, int column_count, wr_arena *arena);
/* Rows order[start …], at most `max`, into `rows`; returns how many of `count` these are. */
int wr_sort_pick(const wr_sort *sort, uint32_t start, uint32_t count, int max, wr_sort_row *rows);
int64_t wr_sort_bytes(const wr_sort *sort);
/* Of a job: rows are about to go; what was marked is saved, and next time all of the rest. */
void wr_sort_save_before_removal(wr_sort *sort);

/* ── rows on disk (sort_spill.c) ────────────────────────────────────────────────────────────── */

/* The rows in memory become a run. */
wr_status wr_sort_spill(wr_sort *sort, wr_error *err);
/* The same if they take too much of the room for state. */
wr_status wr_sort_spill_if_large(wr_sort *sort, wr_error *err);
/* Emits the rows before `before_us` from all runs and from memory; the others are kept. */
wr_status wr_sort_release_runs(wr_sort *sort, int64_t before_us, wr_error *err);

#endif
