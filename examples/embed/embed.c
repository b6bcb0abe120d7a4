/* A program that pushes rows into a query and reads its results: a minute's average of readings. */
#include "weir.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const STREAM_SQL =
    "CREATE STREAM cpu (ts TIMESTAMP, v DOUBLE, WATERMARK FOR ts) WITH (connector = 'host')";
static const char *const QUERY_SQL =
    "SELECT window_end, avg(v) FROM cpu WINDOW TUMBLING 1 MINUTE";

int
main(void)
{
    weir_db *db = NULL;
    weir_query *query = NULL;
    weir_stream *stream = NULL;
    weir_error *err = NULL;
    if (weir_open(NULL, &db, &err) != WEIR_OK || weir_exec(db, STREAM_SQL, &err) != WEIR_OK ||
        weir_prepare(db, QUERY_SQL, -1, &query, NULL, &err) != WEIR_OK ||
        weir_start(query, NULL, &err) != WEIR_OK ||
        weir_stream_open(db, "cpu", &stream, &err) != WEIR_OK) {
        fprintf(stderr, "%s\n", weir_error_message(err));
        weir_error_free(err);
        return 1;
    }
    for (int i = 0; i < 18; i++) { /* a reading every ten seconds, for three minutes */
        weir_put_timestamp(stream, INT64_C(1735689600000000) + i * INT64_C(10000000));
        weir_put_double(stream, 20.0 + i);
        weir_row_end(stream);
    }
    weir_stream_end(stream);
    for (int rc; (rc = weir_step(query, 1000)) == WEIR_ROW || rc == WEIR_AGAIN;) {
        if (rc == WEIR_ROW) {
            printf("%s %g\n", weir_column_text(query, 0, NULL), weir_column_double(query, 1));
        }
    }
    weir_stream_close(stream);
    weir_query_free(query);
    weir_close(db);
    return 0;
}
