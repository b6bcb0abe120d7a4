/* Errors that teach. A function that can fail returns wr_status and takes a wr_error last; the
 * struct holds everything by value, so nobody owns anything.
 *
 *   error[E0203]: no column "hots" in stream "cpu"        code, message
 *     --> q.sql:1:12                                      position → file:line:column by the caller
 *     hint: did you mean "host"?                          hint; detail says what is there */
#ifndef WEIR_CORE_ERROR_H
#define WEIR_CORE_ERROR_H

#include <stddef.h>

typedef enum wr_status {
    WR_OK = 0,
    WR_AGAIN,           /* nothing there now; not an error */
    WR_END,             /* no more will come; not an error */
    WR_ERR_SQL,         /* the statement is wrong                    (exit 3) */
    WR_ERR_RUNTIME,     /* the query cannot go on                    (exit 1) */
    WR_ERR_UNREACHABLE, /* source or sink not there at start         (exit 4) */
    WR_ERR_STATE,       /* state does not fit or is damaged          (exit 5) */
    WR_ERR_CLOSED,      /* the reader of our output went away        (exit 0) */
    WR_ERR_INTERRUPTED, /* somebody asked us to stop */
    WR_ERR_MISUSE       /* the API was called wrongly */
} wr_status;

#define WR_MUST_USE __attribute__((warn_unused_result))

enum { WR_ERROR_MESSAGE_MAX = 512, WR_ERROR_DETAIL_MAX = 2048, WR_ERROR_HINT_MAX = 1024 };

typedef struct wr_error {
    wr_status status;
    char code[8];                       /* "E0203"; "" when there is no error */
    char message[WR_ERROR_MESSAGE_MAX]; /* one line, no capital at its start, no full stop */
    char detail[WR_ERROR_DETAIL_MAX];   /* what is there, what was expected; may be "" */
    char hint[WR_ERROR_HINT_MAX];       /* what to type instead; may be "" */
    int position;                       /* byte offset in the SQL text, -1: none */
    int length;                         /* bytes that the caret underlines, ≥ 1 with a position */
} wr_error;

/* Fills `err` (NULL: only returns) and returns `status`, so that one writes
 *     return wr_error_set(err, WR_ERR_SQL, "E0203", "no column \"%.*s\"", …);
 * Too long texts are cut at a UTF-8 boundary with "…". Control characters are shown escaped.
 * Clears detail, hint and position. */
wr_status wr_error_set(wr_error *err, wr_status status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Add to an error that is set; all take err == NULL. */
void wr_error_detail(wr_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wr_error_hint(wr_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wr_error_at(wr_error *err, int position, int length);
void wr_error_clear(wr_error *err);

/* Every code with its title and explanation (core/error_list.h). */
typedef struct wr_error_entry {
    const char *code, *title, *explanation;
} wr_error_entry;
const wr_error_entry *wr_error_find(const char *code); /* NULL: no such code */
const wr_error_entry *wr_error_entries(int *count);

/* Passes every status but WR_OK on to the caller. */
#define WR_TRY(call)                          \
    do {                                      \
        wr_status wr_try_status_ = (call);    \
        if (wr_try_status_ != WR_OK) {        \
            return wr_try_status_;            \
        }                                     \
    } while (0)

#endif
