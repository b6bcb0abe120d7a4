/* From AST to plan, in two steps, since an undeclared source must be sampled in between:
 *
 *   wr_plan_find_sources   which outside things does the query read; options checked
 *   (engine samples those that need learning)
 *   wr_plan_query          names → columns, types, casts, functions → a plan
 */
#ifndef WEIR_PLANNER_PLANNER_H
#define WEIR_PLANNER_PLANNER_H

#include "parser/ast.h"
#include "planner/catalog.h"
#include "planner/plan.h"
#include "planner/secret.h"
#include "planner/settings.h"

typedef struct wr_planner {
    wr_arena *arena; /* the query's: plan and expressions live here; so must the AST */
    const wr_catalog *catalog;
    const wr_settings *settings;
    const wr_secrets *secrets;   /* NULL: there are none */
    bool reveal;                 /* options get the values of secrets: the plan will be run */
    wr_text sql;                 /* the statement's text (unnamed expressions are named from it) */
    const wr_vector *parameters; /* constant vectors by number from 0; NULL: not bound yet */
    int parameter_count;
    bool until_end;   /* --until-eof: every source is bounded */
    bool host_sources; /* test worlds: a declared source is the host stream of its name */
    bool job;         /* a named job: topics have no end, state must be bounded, one lane */
    int64_t now_us;   /* wall clock at planning (relative start positions …) */
} wr_planner;

/* `statement`: SELECT, INSERT, CREATE JOB, or EXPLAIN of one. */
wr_status wr_plan_find_sources(wr_planner *planner, const wr_ast_statement *statement,
                               wr_plan_source **sources, int *count, wr_error *err);

/* WR_AGAIN when a source that needs learning is not learned yet. */
wr_status wr_plan_query(wr_planner *planner, const wr_ast_statement *statement,
                        wr_plan_source *sources, int source_count, wr_plan **plan, wr_error *err);

/* CREATE STREAM, TABLE or VIEW: checks it (connector, options, types, expressions) and puts it into
 * `catalog` (which is planner->catalog). planner->sql is the whole text of the statement. E0202
 * when there is one already and neither OR REPLACE nor IF NOT EXISTS was said; *created is false
 * when IF NOT EXISTS found one. */
WR_MUST_USE wr_status wr_plan_create(wr_planner *planner, const wr_ast_statement *statement,
                                     wr_catalog *catalog, bool *created, wr_error *err);

/* The declared columns of a stream or table, in the planner's arena; none when it is learned from
 * its data. Views: plan SELECT * of it. */
WR_MUST_USE wr_status wr_plan_describe(wr_planner *planner, const wr_catalog_entry *entry,
                                       wr_schema *schema, wr_error *err);

/* Only the columns that the source itself delivers: neither computed ones nor pseudo-columns. */
WR_MUST_USE wr_status wr_plan_delivered(wr_planner *planner, const wr_catalog_entry *entry,
                                        wr_schema *schema, wr_error *err);

/* Is the column part of the PRIMARY KEY of CREATE TABLE, wherever it was said? */
bool wr_table_key_has(const wr_ast_table *table, wr_text column);

/* EXPLAIN's text / JSON, appended. `plan` NULL: columns have to be learned first. */
void wr_explain_text(const wr_plan *plan, wr_buffer *out);
void wr_explain_json(const wr_plan *plan, int64_t memory_limit, wr_buffer *out);
/* Lines that say how much memory the query's state is estimated to take. */
void wr_explain_state(const wr_plan *plan, int64_t memory_limit, wr_buffer *out);

#endif
