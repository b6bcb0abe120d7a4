/* The watermark of one source: how far its event time has come (DIALECT §4). */
#ifndef WEIR_EXEC_WATERMARK_H
#define WEIR_EXEC_WATERMARK_H

#include "connectors/connector.h"
#include "core/time.h"

typedef struct wr_watermark_config {
    int64_t delay_us;
    int64_t idle_timeout_us;    /* 0: never idle by time */
    int64_t max_future_skew_us; /* live sources only; 0: any event time moves the watermark */
    bool live;
    bool goes_on; /* a finished partition goes on later: it holds the source back as before */
    bool processing_time; /* WATERMARK FOR now(): the wall clock is the watermark */
} wr_watermark_config;

typedef struct wr_watermark_partition {
    int64_t max_event_us; /* WR_TIME_NONE: no row yet */
    int64_t floor_us;     /* the source's watermark when it joined */
    int64_t last_row_us;  /* monotonic time of its last row, or of joining */
    bool opened, at_end, finished, end_known;
    bool empty; /* nothing lay before it at the start, and no row has come yet */
    bool idle;
} wr_watermark_partition;

typedef struct wr_watermark {
    wr_watermark_config config;
    wr_watermark_partition *partitions; /* heap */
    int partition_count;
    bool started; /* the partitions of the start are known */
    bool manual;  /* the host gives watermarks: never idle */
    int64_t current_us;
    int64_t manual_us;
    uint64_t future_count; /* rows beyond the skew */
} wr_watermark;

void wr_watermark_init(wr_watermark *watermark, const wr_watermark_config *config);
void wr_watermark_fini(wr_watermark *watermark);

/* What the source says about its partitions now; new ones join at the current watermark.
 * `monotonic_us` is for the idle timeout. */
void wr_watermark_refresh(wr_watermark *watermark, const wr_partition *partitions, int count,
                          int64_t monotonic_us);

typedef struct wr_watermark_rows {
    const int64_t *event_time_us; /* WR_TIME_NONE: the row has none and moves nothing */
    const wr_origin *origins;     /* partition of each row; NULL: all of `partition` */
    int32_t partition;
    const uint16_t *rows; /* these rows only, ascending; NULL: all */
    int count;
} wr_watermark_rows;

/* Rows in their partitions' order: before_us[row] = the watermark of the row's own partition just
 * before it, then the row moves it. Partitions must have been refreshed. */
void wr_watermark_observe(wr_watermark *watermark, const wr_watermark_rows *rows, int64_t wall_us,
                          int64_t monotonic_us, int64_t *before_us);

/* What a piece of the input holds of one partition. The maximum is of rows that move the watermark
 * (WR_TIME_NONE: none); before it is taken its turn, of the piece alone, then of all before it. */
typedef struct wr_watermark_span {
    int64_t max_event_us;
    int64_t floor_us; /* the partition's */
    bool has_rows;
} wr_watermark_span;

/* An event time beyond this moves nothing, WR_TIME_END: every one counts. */
int64_t wr_watermark_limit(const wr_watermark_config *config, int64_t wall_us);
/* The rows' event times go into the maxima of spans[partition], or of *spans where rows have no
 * origins. */
void wr_watermark_survey(const wr_watermark_rows *rows, int64_t limit_us,
                         wr_watermark_span *spans);
/* The turn of a piece: the partition takes in the span's maximum, the span learns what it was. */
void wr_watermark_move(wr_watermark *watermark, int partition, wr_watermark_span *span,
                       int64_t monotonic_us);
/* before_us[row] as observe gives it, from spans that had their turn, which run along with the
 * rows. Returns how many rows are beyond the limit. Any thread. */
uint64_t wr_watermark_judge(const wr_watermark_config *config, const wr_watermark_rows *rows,
                            int64_t limit_us, wr_watermark_span *spans, int64_t *before_us);

/* The host says: no more rows before `us`. */
void wr_watermark_manual(wr_watermark *watermark, int64_t us);

/* The source's watermark now: after all rows of a micro-batch were observed. `last_close_us`: the
 * greatest end + grace of windows that hold rows (WR_TIME_NONE: none), for the case that all
 * partitions are idle. Never goes back. WR_TIME_END: all partitions are finished. */
int64_t wr_watermark_advance(wr_watermark *watermark, int64_t wall_us, int64_t monotonic_us,
                             int64_t last_close_us);
/* Are all partitions idle at this time (so that advance wants last_close_us)? */
bool wr_watermark_all_idle(wr_watermark *watermark, int64_t monotonic_us);

/* The watermark of one partition, WR_TIME_NONE: none yet. */
int64_t wr_watermark_of(const wr_watermark *watermark, int partition);
/* The partition that holds the source back, -1: none. */
int wr_watermark_holder(const wr_watermark *watermark);
int wr_watermark_idle_count(const wr_watermark *watermark);

#endif
