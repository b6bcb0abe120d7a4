/* SET: names, types, bounds and defaults in one table. */
#ifndef WEIR_PLANNER_SETTINGS_H
#define WEIR_PLANNER_SETTINGS_H

#include "connectors/option.h"
#include "core/buffer.h"

typedef enum wr_guarantee {
    WR_GUARANTEE_EXACTLY_ONCE,
    WR_GUARANTEE_AT_LEAST_ONCE,
    WR_GUARANTEE_NONE
} wr_guarantee;

typedef struct wr_settings {
    int64_t lanes;                /* 0: cores */
    int64_t batch_rows;           /* 0: adaptive */
    int64_t batch_bytes;          /* 0: adaptive */
    int64_t batch_interval_us;    /* 0: adaptive */
    int64_t checkpoint_interval_us;
    int64_t memory_limit;
    int64_t max_future_skew_us;
    int64_t idle_timeout_us;
    int64_t fill_keys_for_us;
    bool allow_unbounded_state;
    int on_error; /* wr_on_error; -1: not set (jobs dead_letter, ad hoc skip) */
    int64_t dead_letters_max;
    int guarantee; /* wr_guarantee; -1: not set (jobs exactly once, else at least once) */
    int64_t kafka_queue_limit;
    char kafka_brokers[1024];
} wr_settings;

void wr_settings_init(wr_settings *settings); /* defaults (WEIR_KAFKA_BROKERS looked at) */
/* E0206 with did-you-mean, E0602; position/length are put into err. */
wr_status wr_settings_set(wr_settings *settings, wr_text name, wr_text value, wr_error *err);
wr_status wr_settings_reset(wr_settings *settings, wr_text name, wr_error *err);
/* The value as text; false: no such setting. */
bool wr_settings_get(const wr_settings *settings, wr_text name, wr_buffer *value);
/* Name, default, doc of each: SHOW SETTINGS, help, completion. */
const wr_option_spec *wr_settings_table(void);

#endif
