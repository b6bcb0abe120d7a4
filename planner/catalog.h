/* The catalog: streams, tables and views that CREATE has declared, by name without case. An entry
 * keeps its statement's text and syntax tree; it is checked when it is made (wr_plan_create) and
 * bound again by each query that uses it, so a view follows the streams under it.
 *
 * In memory, not thread-safe: the engine locks it around planning. A plan keeps no pointer into the
 * catalog. */
#ifndef WEIR_PLANNER_CATALOG_H
#define WEIR_PLANNER_CATALOG_H

#include "core/arena.h"
#include "core/error.h"
#include "parser/ast.h"

typedef enum wr_catalog_kind {
    WR_CATALOG_STREAM,
    WR_CATALOG_TABLE,
    WR_CATALOG_VIEW
} wr_catalog_kind;

/* Where an entry is from. */
typedef enum wr_catalog_origin {
    WR_CATALOG_HERE,      /* a CREATE statement of this process */
    WR_CATALOG_KEPT,      /* …and it is kept in a state directory */
    WR_CATALOG_REMEMBERED /* the state directory of a job: any CREATE replaces it */
} wr_catalog_origin;

/* Borrowed from the catalog until the entry is replaced or dropped. */
typedef struct wr_catalog_entry {
    wr_catalog_kind kind;
    wr_catalog_origin origin;
    wr_text name;                      /* as spelled by CREATE */
    wr_text sql;                       /* the CREATE statement's text, without semicolon */
    const wr_ast_statement *statement; /* of `sql`; positions are relative to it */
    wr_arena *arena;                   /* the entry's own; internal */
} wr_catalog_entry;

typedef struct wr_catalog wr_catalog;

wr_catalog *wr_catalog_new(void);
void wr_catalog_free(wr_catalog *catalog); /* NULL is fine */

/* The order of names: by bytes, without case. */
int wr_name_compare(wr_text a, wr_text b);

/* "stream", "table", "view". */
const char *wr_catalog_kind_name(wr_catalog_kind kind);

/* NULL: none of this name (without case). */
const wr_catalog_entry *wr_catalog_find(const wr_catalog *catalog, wr_text name);
/* In the order of their names (bytes, without case), for SHOW; i from 0 to count - 1. */
int wr_catalog_count(const wr_catalog *catalog);
const wr_catalog_entry *wr_catalog_at(const wr_catalog *catalog, int i);

/* Puts what the CREATE statement `sql` declares, replacing an entry of its name. The text is copied
 * and parsed into the entry's arena; it must be a CREATE STREAM, TABLE or VIEW. Whether it may
 * replace (OR REPLACE, IF NOT EXISTS) is wr_plan_create's to decide. */
WR_MUST_USE wr_status wr_catalog_put(wr_catalog *catalog, wr_text sql, wr_error *err);

/* The same for what a state directory remembers: `statement` is what `sql` was parsed to, E0101
 * if it declares nothing; an entry of its name stays as it is. */
WR_MUST_USE wr_status wr_catalog_remember(wr_catalog *catalog, const wr_ast_statement *statement,
                                          wr_text sql, wr_catalog_origin origin, wr_error *err);
/* What a CREATE STREAM, TABLE or VIEW declares; empty of other statements. */
wr_text wr_catalog_name_of(const wr_ast_statement *statement);
void wr_catalog_set_origin(wr_catalog *catalog, wr_text name, wr_catalog_origin origin);

/* DROP STREAM | TABLE | VIEW [IF EXISTS] name. E0201 with did-you-mean; also when the thing is of
 * another kind. *dropped: false with IF EXISTS when there was none. */
WR_MUST_USE wr_status wr_catalog_drop(wr_catalog *catalog, const wr_ast_statement *drop,
                                      bool *dropped, wr_error *err);

/* The entry that a statement names with its kind, as DROP STREAM s does: E0201 with did-you-mean
 * when there is none, or one of another kind. JOB and SECRET are no entries. */
WR_MUST_USE wr_status wr_catalog_get(const wr_catalog *catalog, wr_ast_object_kind kind,
                                     const wr_ast_name *name, const wr_catalog_entry **entry,
                                     wr_error *err);

/* E0201 with did-you-mean and the list of what is there. */
wr_status wr_catalog_missing(const wr_catalog *catalog, const char *what, wr_text name,
                             wr_error *err);

#endif
