/* Secrets: passwords that options name and nobody sees.
 *
 *   CREATE SECRET p (env = 'KAFKA_PASSWORD')      where the value comes from
 *   … WITH (connector = 'kafka', password = SECRET p)
 *
 * Not thread-safe: the engine locks it around planning, as it does the catalog. Functions that only
 * look take NULL for none at all. */
#ifndef WEIR_PLANNER_SECRET_H
#define WEIR_PLANNER_SECRET_H

#include "core/arena.h"
#include "core/error.h"
#include "parser/ast.h"

typedef enum wr_secret_kind {
    WR_SECRET_VALUE, /* written in the statement: lives in memory only */
    WR_SECRET_ENV,   /* in a variable of the environment */
    WR_SECRET_FILE   /* in a file, without its last newline */
} wr_secret_kind;

typedef struct wr_secrets wr_secrets;

wr_secrets *wr_secrets_new(void);
void wr_secrets_free(wr_secrets *secrets); /* overwrites the values; NULL is fine */

/* CREATE SECRET, checked: E0601 … E0603 for its options, E0202 when there is one and neither OR
 * REPLACE nor IF NOT EXISTS was said. *created is false when IF NOT EXISTS found one. `kept`: it is
 * kept in a state directory, unless its value is written in the statement. */
WR_MUST_USE wr_status wr_secrets_create(wr_secrets *secrets, const wr_ast_statement *statement,
                                        bool kept, bool *created, wr_error *err);
/* DROP SECRET [IF EXISTS]; *dropped is false when there was none. */
WR_MUST_USE wr_status wr_secrets_drop(wr_secrets *secrets, const wr_ast_statement *statement,
                                      bool *dropped, wr_error *err);

/* The secrets by name (bytes, without case), for SHOW. `reference` is the variable or the path;
 * of a value nothing. Borrowed until the next change. wr_secrets_at returns whether it is kept. */
int wr_secrets_count(const wr_secrets *secrets);
const char *wr_secret_kind_name(wr_secret_kind kind); /* "value", "env", "file" */
bool wr_secrets_at(const wr_secrets *secrets, int i, wr_text *name, wr_secret_kind *kind,
                   wr_text *reference);

/* Is there a secret of this name? E0201 if not. */
WR_MUST_USE wr_status wr_secrets_check(const wr_secrets *secrets, wr_text name, wr_error *err);
/* Its value, in `arena`: read now from the environment or the file, so that a changed password
 * counts at the next start. E0605: the variable or file is not there, empty, or no text. */
WR_MUST_USE wr_status wr_secrets_reveal(const wr_secrets *secrets, wr_text name, wr_arena *arena,
                                        wr_text *value, wr_error *err);

/* `sql` with a * for each byte of a password in it: the strings of CREATE SECRET (value = '…')
 * and of options that hold passwords. Positions stay what they are. `sql` may be any bytes; the
 * copy has a NUL behind it. */
wr_text wr_secrets_hide(wr_arena *arena, wr_text sql);

#endif
