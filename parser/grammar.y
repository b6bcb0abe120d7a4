/* The grammar of weir's SQL, for lemon: 0 conflicts, everything from the statement arena, no
 * destructors. Actions build nodes and leave judgement to build_*.c. parser/README.md tells how to
 * add a keyword, a clause, a statement.
 *
 * 1. p->end is the end of the last token of the rule being reduced, so every span is
 *    wr_span_here(p, start of the first symbol).
 * 2. What is a keyword only next to certain words is decided in token_stream.c, before the grammar.
 * 3. Clauses and tails are lists; their order and duplicates are checked in actions, because that
 *    gives better messages than rules can. */
%include {
#include "parser/build.h"
#include "parser/grammar_state.h"

#include <assert.h>
#include <stddef.h>
}
%name wr_grammar
%token_prefix TK_
%token_type {wr_token}
%extra_context {wr_parser *p}
%start_symbol input
%stack_size 4096 // WR_GRAMMAR_STACK
%stack_overflow { wr_grammar_overflow(p); }
%syntax_error { p->status = WR_ERR_SQL; }

// Words that are names wherever the grammar has no other use for them.
%fallback ID
    ADVANCE ALL ALTER ARRAY ASC ASSERT AT BEGIN BOTH BY CAST CHANGES CLOCK CLOSE COUNT CUBE CUMULATE
    CURRENT DATA DEAD DELAY DESC DESCRIBE DROP END ENFORCED ERROR ESCAPE EVERY EXPLAIN FAIL FILL
    FILTER FINAL FIRST FOLLOWING FORK GAP GRACE GROUPING HOPPING IDLE IF INSERT INTO JOB KEY LAST
    LEADING LETTERS MAX METADATA METRIC NULLS OF OFFSET ORDERED OUTER OVER PARTITION PAUSE PERIOD
    PRECEDING PREVIOUS PRIMARY RANGE REPLACE REPLAY RESET RESTART RESUME RETENTION ROLLUP ROW ROWS
    SAVEPOINT SECRET SESSION SET SETS SHOW SIZE SLIDING STALL STATE STEP STREAM SYSTEM_TIME TIME
    TIMEOUT TO TRAILING TRY_CAST TUMBLING UNBOUNDED UNIT UPGRADE VIEW ZONE.

%left OR.
%left AND.
%right NOT.
%left IS IN IN_LIST LIKE ILIKE BETWEEN EQ NE.
%left LT LE GT GE.
%right ESCAPE.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%left CONCAT.
%left ARROW ARROW_TEXT.
%left AT.
%right UMINUS.
%left COLONCOLON.
%left LB DOT.

input ::= stmt(S) SEMI. { p->statement = S; }
input ::= COLUMNS_ONLY table_parts(T) SEMI. {
    p->table = wr_build_table(p, (wr_ast_name){0}, T, (wr_list){0});
}

// ── names, options, types ─────────────────────────────────────────────────────────────────────
%type nm {wr_ast_name}
nm(A) ::= ID(T). { A = wr_build_name(p, T); }

%type dotted {wr_ast_name}
dotted(A) ::= nm(A).
dotted(A) ::= dotted(X) DOT nm(Y). { A = wr_build_dotted(p, X, Y); }

%type names {wr_list}
names(A) ::= nm(N). { A = WR_LIST_ADD(p, (wr_list){0}, N); }
names(A) ::= names(X) COMMA nm(N). { A = WR_LIST_ADD(p, X, N); }

%type options {wr_list}
%type option {wr_ast_option}
options(A) ::= option(O). { A = WR_LIST_ADD(p, (wr_list){0}, O); }
options(A) ::= options(X) COMMA option(O). { A = WR_LIST_ADD(p, X, O); }
option(A) ::= dotted(N) EQ setval(V). {
    A = (wr_ast_option){.name = N, .value = V, .span = wr_span_here(p, N.span.position)};
}
option(A) ::= STRING(T) EQ setval(V). {
    A = (wr_ast_option){.name = wr_build_string_name(p, T),
                        .value = V,
                        .span = wr_span_here(p, T.position)};
}

%type setval {wr_ast_expr *}
setval(A) ::= expr(A).
setval(A) ::= ON(T). {
    A = wr_build_literal(p, WR_AST_NULL, T);
    A->kind = WR_AST_STRING;
    A->u.text = WR_TEXT("on");
}
setval(A) ::= LP(T) exprs(L) COMMA expr(Y) RP. {
    A = wr_build_name_list(p, T.position, WR_LIST_ADD(p, L, Y));
}

%type with_options {wr_list}
with_options(A) ::= . { A = (wr_list){0}; }
with_options(A) ::= WITH LP options(O) RP. { A = O; }

%type type {wr_ast_type *}
%type simple_type {wr_ast_type *}
type(A) ::= simple_type(A).
type(A) ::= nm(N) LT type_elements(E) GT. {
    A = wr_build_type(p, N);
    wr_build_type_elements(p, A, E, (wr_list){0});
}
type(A) ::= nm(N) LT type_fields(F) GT. {
    A = wr_build_type(p, N);
    wr_build_type_elements(p, A, F.types, F.names);
}
simple_type(A) ::= nm(N). { A = wr_build_type(p, N); }
simple_type(A) ::= nm(N) LP NUMBER(X) RP. {
    A = wr_build_type(p, N);
    wr_build_type_number(p, A, X);
}
simple_type(A) ::= nm(N) LP NUMBER(X) COMMA NUMBER(Y) RP. {
    A = wr_build_type(p, N);
    wr_build_type_number(p, A, X);
    wr_build_type_number(p, A, Y);
}
%type type_elements {wr_list}
type_elements(A) ::= type(T). { A = WR_LIST_ADD(p, (wr_list){0}, *T); }
%type type_fields {struct { wr_list names, types; }}
type_fields(A) ::= nm(N) type(T). {
    A.names = WR_LIST_ADD(p, (wr_list){0}, N);
    A.types = WR_LIST_ADD(p, (wr_list){0}, *T);
}
type_fields(A) ::= type_fields(X) COMMA nm(N) type(T). {
    A.names = WR_LIST_ADD(p, X.names, N);
    A.types = WR_LIST_ADD(p, X.types, *T);
}

// ── durations ─────────────────────────────────────────────────────────────────────────────────
%type any_duration {wr_ast_duration}
%type duration {wr_ast_duration}
any_duration(A) ::= NUMBER(N) UNIT(U). { A = wr_build_duration(p, N, U); }
any_duration(A) ::= ID(W) STRING(S) UNIT(U). { A = wr_build_interval(p, W, S, U); }
any_duration(A) ::= ID(W) STRING(S). { A = wr_build_interval(p, W, S, (wr_token){0}); }
any_duration(A) ::= STRING(S). { A = wr_build_string_duration(p, S); }
duration(A) ::= any_duration(A). { wr_build_check_positive(p, A); }

// ── statements ────────────────────────────────────────────────────────────────────────────────
%type stmt {wr_ast_statement *}
stmt(A) ::= query(Q). {
    A = wr_build_statement(p, WR_AST_STATEMENT_QUERY, Q->span.position);
    A->u.query = Q;
}
stmt(A) ::= insert(I). {
    A = wr_build_statement(p, WR_AST_STATEMENT_INSERT, I->span.position);
    A->u.insert = I;
}
stmt(A) ::= create_job(A).

stmt(A) ::= EXPLAIN(T) explained(S). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_PLAN;
    A->u.explain.statement = S;
}
stmt(A) ::= EXPLAIN(T) LP nm(N) nm(V) RP explained(S). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_PLAN;
    A->u.explain.json = wr_build_explain_json(p, N, V);
    A->u.explain.statement = S;
}
stmt(A) ::= EXPLAIN(T) STATE explained(S). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_STATE;
    A->u.explain.statement = S;
}
stmt(A) ::= EXPLAIN(T) STATE nm(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_STATE;
    A->u.explain.job = N;
}
stmt(A) ::= EXPLAIN(T) STALL nm(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_STALL;
    A->u.explain.job = N;
}
stmt(A) ::= EXPLAIN(T) UPGRADE nm(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_UPGRADE;
    A->u.explain.job = N;
}
stmt(A) ::= EXPLAIN(T) UPGRADE nm(N) AS insert(I). {
    wr_ast_statement *inner =
        wr_build_statement(p, WR_AST_STATEMENT_INSERT, I->span.position);
    inner->u.insert = I;
    A = wr_build_statement(p, WR_AST_STATEMENT_EXPLAIN, T.position);
    A->u.explain.kind = WR_AST_EXPLAIN_UPGRADE;
    A->u.explain.job = N;
    A->u.explain.statement = inner;
}
%type explained {wr_ast_statement *}
explained(A) ::= query(Q). {
    A = wr_build_statement(p, WR_AST_STATEMENT_QUERY, Q->span.position);
    A->u.query = Q;
}
explained(A) ::= insert(I). {
    A = wr_build_statement(p, WR_AST_STATEMENT_INSERT, I->span.position);
    A->u.insert = I;
}
explained(A) ::= create_job(A).

%type create {struct { int position; bool or_replace; }}
create(A) ::= CREATE(T). { A.position = T.position; A.or_replace = false; }
create(A) ::= CREATE(T) OR REPLACE. { A.position = T.position; A.or_replace = true; }
%type if_not_exists {bool}
if_not_exists(A) ::= . { A = false; }
if_not_exists(A) ::= IF NOT EXISTS. { A = true; }
%type if_exists {bool}
if_exists(A) ::= . { A = false; }
if_exists(A) ::= IF EXISTS. { A = true; }

stmt(A) ::= create(C) STREAM if_not_exists(E) nm(N) table_body(T) with_options(O). {
    A = wr_build_statement(p, WR_AST_STATEMENT_CREATE_STREAM, C.position);
    A->or_replace = C.or_replace;
    A->if_not_exists = E;
    A->u.table = wr_build_table(p, N, T, O);
}
stmt(A) ::= create(C) TABLE if_not_exists(E) nm(N) table_body(T) with_options(O). {
    A = wr_build_statement(p, WR_AST_STATEMENT_CREATE_TABLE, C.position);
    A->or_replace = C.or_replace;
    A->if_not_exists = E;
    A->u.table = wr_build_table(p, N, T, O);
}
stmt(A) ::= create(C) VIEW if_not_exists(E) nm(N) AS query(Q). {
    A = wr_build_statement(p, WR_AST_STATEMENT_CREATE_VIEW, C.position);
    A->or_replace = C.or_replace;
    A->if_not_exists = E;
    A->u.view.name = N;
    A->u.view.query = Q;
}
stmt(A) ::= create(C) SECRET if_not_exists(E) nm(N) LP options(O) RP. {
    A = wr_build_statement(p, WR_AST_STATEMENT_CREATE_SECRET, C.position);
    A->or_replace = C.or_replace;
    A->if_not_exists = E;
    A->u.secret.name = N;
    A->u.secret.options = O.items;
    A->u.secret.option_count = O.count;
}
%type create_job {wr_ast_statement *}
create_job(A) ::= create(C) JOB if_not_exists(E) nm(N) with_options(O) AS job_inserts(I). {
    wr_ast_job *job = WR_NEW(p->arena, wr_ast_job);
    job->name = N;
    job->options = O.items;
    job->option_count = O.count;
    job->inserts = I.list.items;
    job->insert_count = I.list.count;
    job->block = I.block;
    A = wr_build_statement(p, WR_AST_STATEMENT_CREATE_JOB, C.position);
    A->or_replace = C.or_replace;
    A->if_not_exists = E;
    A->u.job = job;
}
%type job_inserts {struct { wr_list list; bool block; }}
job_inserts(A) ::= insert(I). { A.list = WR_LIST_ADD(p, (wr_list){0}, *I); A.block = false; }
job_inserts(A) ::= BEGIN inserts(L) END. { A.list = L; A.block = true; }
%type inserts {wr_list}
inserts(A) ::= insert(I) SEMI. { A = WR_LIST_ADD(p, (wr_list){0}, *I); }
inserts(A) ::= inserts(X) insert(I) SEMI. { A = WR_LIST_ADD(p, X, *I); }

stmt(A) ::= DROP(T) object(K) if_exists(E) nm(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_DROP, T.position);
    A->if_exists = E;
    A->u.drop.kind = K;
    A->u.drop.name = N;
}
%type object {wr_ast_object_kind}
object(A) ::= STREAM. { A = WR_AST_OBJECT_STREAM; }
object(A) ::= TABLE. { A = WR_AST_OBJECT_TABLE; }
object(A) ::= VIEW. { A = WR_AST_OBJECT_VIEW; }
object(A) ::= JOB. { A = WR_AST_OBJECT_JOB; }
object(A) ::= SECRET. { A = WR_AST_OBJECT_SECRET; }

stmt(A) ::= ALTER(T) JOB nm(N) PAUSE. {
    A = wr_build_statement(p, WR_AST_STATEMENT_ALTER_JOB, T.position);
    A->u.alter_job.name = N;
}
stmt(A) ::= ALTER(T) JOB nm(N) RESUME. {
    A = wr_build_statement(p, WR_AST_STATEMENT_ALTER_JOB, T.position);
    A->u.alter_job.name = N;
    A->u.alter_job.resume = true;
}
stmt(A) ::= SET(T) dotted(N) set_sign setval(V). {
    A = wr_build_statement(p, WR_AST_STATEMENT_SET, T.position);
    A->u.option = (wr_ast_option){.name = N, .value = V,
                                  .span = wr_span_here(p, N.span.position)};
}
set_sign ::= EQ.
set_sign ::= TO.
stmt(A) ::= RESET(T) dotted(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_RESET, T.position);
    A->u.name = N;
}
stmt(A) ::= SHOW(T) dotted(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_SHOW, T.position);
    A->u.show.what = N;
}
stmt(A) ::= SHOW(T) dotted(N) LIKE STRING(S). {
    A = wr_build_statement(p, WR_AST_STATEMENT_SHOW, T.position);
    A->u.show.what = N;
    A->u.show.like = wr_build_literal(p, WR_AST_STRING, S);
}
stmt(A) ::= SHOW(T) CREATE object(K) nm(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_SHOW_CREATE, T.position);
    A->u.show_create.kind = K;
    A->u.show_create.name = N;
}
stmt(A) ::= DESCRIBE(T) dotted(N). {
    A = wr_build_statement(p, WR_AST_STATEMENT_DESCRIBE, T.position);
    A->u.name = N;
}
stmt(A) ::= DESCRIBE(T) query(Q). {
    A = wr_build_statement(p, WR_AST_STATEMENT_DESCRIBE_QUERY, T.position);
    A->u.query = Q;
}
stmt(A) ::= SAVEPOINT(T) nm(N) TO STRING(F). {
    A = wr_build_statement(p, WR_AST_STATEMENT_SAVEPOINT, T.position);
    A->u.savepoint.job = N;
    A->u.savepoint.file = wr_build_string(p, F);
}
stmt(A) ::= FORK(T) JOB nm(N) AS nm(M) FROM STRING(F). {
    A = wr_build_statement(p, WR_AST_STATEMENT_FORK, T.position);
    A->u.fork.job = N;
    A->u.fork.as = M;
    A->u.fork.file = wr_build_string(p, F);
}
stmt(A) ::= REPLAY(T) DEAD LETTERS nm(N) where_opt(W). {
    A = wr_build_statement(p, WR_AST_STATEMENT_REPLAY, T.position);
    A->u.replay.job = N;
    A->u.replay.where = W;
}
%type where_opt {wr_ast_expr *}
where_opt(A) ::= . { A = NULL; }
where_opt(A) ::= WHERE expr(X). { A = X; }

// Statements of test files.
stmt(A) ::= ADVANCE(T) WATERMARK nm(N) TO expr(X). {
    A = wr_build_statement(p, WR_AST_STATEMENT_ADVANCE_WATERMARK, T.position);
    A->u.advance.name = N;
    A->u.advance.to = X;
}
stmt(A) ::= ADVANCE(T) CLOCK TO expr(X). {
    A = wr_build_statement(p, WR_AST_STATEMENT_ADVANCE_CLOCK, T.position);
    A->u.advance.to = X;
}
stmt(A) ::= RESTART(T). { A = wr_build_statement(p, WR_AST_STATEMENT_RESTART, T.position); }
stmt(A) ::= ASSERT(T) ROWS ordered(O) LP query(Q) RP VALUES rows(R). {
    A = wr_build_statement(p, WR_AST_STATEMENT_ASSERT_ROWS, T.position);
    A->u.assert_rows.ordered = O;
    A->u.assert_rows.query = Q;
    A->u.assert_rows.rows = R.items;
    A->u.assert_rows.row_count = R.count;
}
%type ordered {bool}
ordered(A) ::= . { A = false; }
ordered(A) ::= ORDERED. { A = true; }
stmt(A) ::= ASSERT(T) METRIC dotted(N) compare(O) expr(X). {
    A = wr_build_statement(p, WR_AST_STATEMENT_ASSERT_METRIC, T.position);
    A->u.assert_metric.metric = N;
    A->u.assert_metric.op = O;
    A->u.assert_metric.value = X;
}
%type compare {wr_ast_op}
compare(A) ::= EQ. { A = WR_AST_OP_EQ; }
compare(A) ::= NE. { A = WR_AST_OP_NE; }
compare(A) ::= LT. { A = WR_AST_OP_LT; }
compare(A) ::= LE. { A = WR_AST_OP_LE; }
compare(A) ::= GT. { A = WR_AST_OP_GT; }
compare(A) ::= GE. { A = WR_AST_OP_GE; }
stmt(A) ::= ASSERT(T) ERROR STRING(C) FOR stmt(S). {
    A = wr_build_statement(p, WR_AST_STATEMENT_ASSERT_ERROR, T.position);
    A->u.assert_error.code = wr_build_string(p, C);
    A->u.assert_error.code_span = wr_token_span(C);
    A->u.assert_error.statement = S;
    wr_depth_close(p, T.position);
}

// ── columns of streams and tables ─────────────────────────────────────────────────────────────
%type table_body {wr_table_parts *}
table_body(A) ::= . { A = WR_NEW(p->arena, wr_table_parts); }
table_body(A) ::= LP table_parts(T) RP. { A = T; }
%type table_parts {wr_table_parts *}
table_parts(A) ::= table_part_first(A).
table_parts(A) ::= table_parts(A) COMMA column(C). { A->columns = WR_LIST_ADD(p, A->columns, *C); }
table_parts(A) ::= table_parts(A) COMMA watermark(W). { wr_build_table_watermark(p, A, W); }
table_parts(A) ::= table_parts(A) COMMA PRIMARY(T) KEY LP names(N) RP enforced. {
    wr_build_table_key(p, A, T, N);
}
%type table_part_first {wr_table_parts *}
table_part_first(A) ::= column(C). {
    A = WR_NEW(p->arena, wr_table_parts);
    A->columns = WR_LIST_ADD(p, A->columns, *C);
}
table_part_first(A) ::= watermark(W). {
    A = WR_NEW(p->arena, wr_table_parts);
    wr_build_table_watermark(p, A, W);
}
table_part_first(A) ::= PRIMARY(T) KEY LP names(N) RP enforced. {
    A = WR_NEW(p->arena, wr_table_parts);
    wr_build_table_key(p, A, T, N);
}
enforced ::= .
enforced ::= NOT ENFORCED.

%type column {wr_ast_column *}
column(A) ::= typed_column(A). { A->span = wr_span_here(p, A->name.span.position); }
column(A) ::= nm(N) AS expr(X). {
    A = WR_NEW(p->arena, wr_ast_column);
    A->kind = WR_AST_COLUMN_COMPUTED;
    A->name = N;
    A->computed = X;
    A->span = wr_span_here(p, N.span.position);
}
%type typed_column {wr_ast_column *}
typed_column(A) ::= nm(N) type(T). {
    A = WR_NEW(p->arena, wr_ast_column);
    A->kind = WR_AST_COLUMN_TYPED;
    A->name = N;
    A->type = T;
}
typed_column(A) ::= typed_column(A) NOT(T) NULL. {
    wr_build_column_once(p, A->not_null, T);
    A->not_null = true;
}
typed_column(A) ::= typed_column(A) PRIMARY(T) KEY. {
    wr_build_column_once(p, A->primary_key, T);
    A->primary_key = true;
}
typed_column(A) ::= typed_column(A) METADATA(T) FROM STRING(S). {
    wr_build_column_once(p, A->metadata, T);
    A->metadata = true;
    A->metadata_from = wr_build_string(p, S);
    A->metadata_span = wr_token_span(S);
}

// ── INSERT, sinks ─────────────────────────────────────────────────────────────────────────────
%type insert {wr_ast_insert *}
insert(A) ::= INSERT(T) INTO insert_sink(S) query(Q). {
    A = WR_NEW(p->arena, wr_ast_insert);
    A->sink = *S;
    A->query = Q;
    A->span = wr_span_here(p, T.position);
}
%type insert_sink {wr_ast_sink *}
insert_sink(A) ::= nm(N). { A = wr_build_sink(p, N); }
insert_sink(A) ::= nm(N) LP args(L) RP. {
    A = wr_build_sink(p, N);
    wr_build_sink_args(p, A, L);
}
insert_sink(A) ::= nm(N) LP args(L) RP LP names(C) RP. {
    A = wr_build_sink(p, N);
    A->function = true;
    wr_build_source_args(p, L);
    A->args = L.items;
    A->arg_count = L.count;
    A->columns = C.items;
    A->column_count = C.count;
}
%type sink {wr_ast_sink *}
sink(A) ::= nm(N). { A = wr_build_sink(p, N); }
sink(A) ::= nm(N) LP args(L) RP. {
    A = wr_build_sink(p, N);
    A->function = true;
    wr_build_source_args(p, L);
    A->args = L.items;
    A->arg_count = L.count;
}

// ── queries ───────────────────────────────────────────────────────────────────────────────────
%type query {wr_ast_query *}
query(A) ::= cores(L) tails(Q). {
    A = Q;
    A->cores = L.items;
    A->core_count = L.count;
    A->span = wr_span_here(p, A->cores[0].span.position);
    wr_depth_close(p, A->span.position);
}
query(A) ::= WITH(T) ctes(C) cores(L) tails(Q). {
    A = Q;
    A->ctes = C.items;
    A->cte_count = C.count;
    A->cores = L.items;
    A->core_count = L.count;
    A->span = wr_span_here(p, T.position);
    wr_depth_close(p, A->span.position);
}
%type ctes {wr_list}
%type cte {wr_ast_cte *}
ctes(A) ::= cte(C). { A = WR_LIST_ADD(p, (wr_list){0}, *C); }
ctes(A) ::= ctes(X) COMMA cte(C). { A = WR_LIST_ADD(p, X, *C); }
cte(A) ::= nm(N) column_names(L) AS LP query(Q) RP. {
    A = WR_NEW(p->arena, wr_ast_cte);
    A->name = N;
    A->columns = L.items;
    A->column_count = L.count;
    A->query = Q;
    A->span = wr_span_here(p, N.span.position);
}
%type column_names {wr_list}
column_names(A) ::= . { A = (wr_list){0}; }
column_names(A) ::= LP names(N) RP. { A = N; }

%type cores {wr_list}
%type core {wr_ast_core}
cores(A) ::= core(C). { A = WR_LIST_ADD(p, (wr_list){0}, C); }
cores(A) ::= cores(X) UNION ALL core(C). { A = WR_LIST_ADD(p, X, C); }
cores(A) ::= cores(X) UNION ALL LP(T) query(Q) RP. {
    wr_ast_core core = {.kind = WR_AST_CORE_QUERY, .query = Q,
                        .span = wr_span_here(p, T.position)};
    A = WR_LIST_ADD(p, X, core);
}
core(A) ::= SELECT(T) distinct(D) items(I) from_opt(F) clauses(S). {
    S->distinct = D;
    S->items = I.items;
    S->item_count = I.count;
    S->from = F.items;
    S->from_count = F.count;
    A = (wr_ast_core){.kind = WR_AST_CORE_SELECT, .select = S,
                      .span = wr_span_here(p, T.position)};
}
core(A) ::= VALUES(T) rows(R). {
    A = (wr_ast_core){.kind = WR_AST_CORE_VALUES, .rows = R.items, .row_count = R.count,
                      .span = wr_span_here(p, T.position)};
}
%type rows {wr_list}
rows(A) ::= LP exprs(X) RP. {
    wr_ast_expr_list row = wr_build_exprs(X);
    A = WR_LIST_ADD(p, (wr_list){0}, row);
}
rows(A) ::= rows(L) COMMA LP exprs(X) RP. {
    wr_ast_expr_list row = wr_build_exprs(X);
    A = WR_LIST_ADD(p, L, row);
}
%type distinct {bool}
distinct(A) ::= . { A = false; }
distinct(A) ::= DISTINCT. { A = true; }

%type items {wr_list}
%type item {wr_ast_item}
items(A) ::= item(I). { A = WR_LIST_ADD(p, (wr_list){0}, I); }
items(A) ::= items(X) COMMA item(I). { A = WR_LIST_ADD(p, X, I); }
item(A) ::= STAR(T). {
    A = (wr_ast_item){.kind = WR_AST_ITEM_STAR, .span = wr_token_span(T)};
}
item(A) ::= expr(X) DOT STAR. {
    A = (wr_ast_item){.kind = WR_AST_ITEM_EXPR_STAR, .expr = X,
                      .span = wr_span_here(p, X->span.position)};
}
item(A) ::= expr(X). { A = (wr_ast_item){.expr = X, .span = X->span}; }
item(A) ::= expr(X) nm(N). {
    A = (wr_ast_item){.expr = X, .alias = N, .span = wr_span_here(p, X->span.position)};
}
item(A) ::= expr(X) AS nm(N). {
    A = (wr_ast_item){.expr = X, .alias = N, .span = wr_span_here(p, X->span.position)};
}
item(A) ::= expr(X) AS STRING(T). {
    A = (wr_ast_item){.expr = X, .alias = wr_build_string_name(p, T),
                      .span = wr_span_here(p, X->span.position)};
}

// ── FROM ──────────────────────────────────────────────────────────────────────────────────────
%type from_opt {wr_list}
from_opt(A) ::= . { A = (wr_list){0}; }
from_opt(A) ::= FROM from(F). { A = F; }
%type from {wr_list}
from(A) ::= source(S). {
    wr_ast_from_item first = {.source = *S, .span = S->span};
    A = WR_LIST_ADD(p, (wr_list){0}, first);
}
from(A) ::= from(X) joined(J). { A = WR_LIST_ADD(p, X, *J); }

%type joined {wr_ast_from_item *}
joined(A) ::= join(J) source(S). {
    A = WR_NEW(p->arena, wr_ast_from_item);
    A->join = J.kind;
    A->source = *S;
    A->span = wr_span_here(p, J.position);
}
joined(A) ::= joined(A) WITHIN(T) duration(D). { wr_build_join_within(p, A, T, D, D); }
joined(A) ::= joined(A) WITHIN(T) LP duration(B) COMMA duration(F) RP. {
    wr_build_join_within(p, A, T, B, F);
}
joined(A) ::= joined(A) ON(T) expr(X). { wr_build_join_on(p, A, T, X, (wr_list){0}); }
joined(A) ::= joined(A) USING(T) LP names(N) RP. { wr_build_join_on(p, A, T, NULL, N); }
%type join {struct { wr_ast_join_kind kind; int position; }}
join(A) ::= COMMA(T). { A.kind = WR_AST_JOIN_COMMA; A.position = T.position; }
join(A) ::= JOIN(T). { A.kind = WR_AST_JOIN_INNER; A.position = T.position; }
join(A) ::= INNER(T) JOIN. { A.kind = WR_AST_JOIN_INNER; A.position = T.position; }
join(A) ::= CROSS(T) JOIN. { A.kind = WR_AST_JOIN_CROSS; A.position = T.position; }
join(A) ::= LEFT(T) outer JOIN. { A.kind = WR_AST_JOIN_LEFT; A.position = T.position; }
join(A) ::= RIGHT(T) outer JOIN. { A.kind = WR_AST_JOIN_RIGHT; A.position = T.position; }
join(A) ::= FULL(T) outer JOIN. { A.kind = WR_AST_JOIN_FULL; A.position = T.position; }
outer ::= .
outer ::= OUTER.

%type source {wr_ast_source *}
source(A) ::= source_body(A) as_of(F) alias(L) watermark_opt(W). {
    A->as_of = F;
    A->alias = L.name;
    A->columns = L.columns.items;
    A->column_count = L.columns.count;
    A->watermark = W;
    A->span = wr_span_here(p, A->span.position);
}
%type source_body {wr_ast_source *}
source_body(A) ::= nm(N). {
    A = wr_build_source(p, WR_AST_SOURCE_NAME, N.span.position);
    A->name = N;
}
source_body(A) ::= nm(N) LP args(L) RP. {
    wr_build_source_args(p, L);
    A = wr_build_source(p, WR_AST_SOURCE_FUNCTION, N.span.position);
    A->name = N;
    A->args = L.items;
    A->arg_count = L.count;
}
source_body(A) ::= TABLE(T) LP nm(N) LP args(L) RP RP. {
    wr_build_source_args(p, L);
    A = wr_build_source(p, WR_AST_SOURCE_FUNCTION, T.position);
    A->name = N;
    A->args = L.items;
    A->arg_count = L.count;
}
source_body(A) ::= LP(T) query(Q) RP. {
    A = wr_build_source(p, WR_AST_SOURCE_QUERY, T.position);
    A->query = Q;
}
%type as_of {wr_ast_expr *}
as_of(A) ::= . { A = NULL; }
as_of(A) ::= FOR SYSTEM_TIME AS OF expr(X). { A = X; }
%type alias {struct { wr_ast_name name; wr_list columns; }}
alias(A) ::= . { A.name = (wr_ast_name){0}; A.columns = (wr_list){0}; }
alias(A) ::= nm(N) column_names(L). { A.name = N; A.columns = L; }
alias(A) ::= AS nm(N) column_names(L). { A.name = N; A.columns = L; }

%type watermark_opt {wr_ast_watermark *}
watermark_opt(A) ::= . { A = NULL; }
watermark_opt(A) ::= watermark(A).
%type watermark {wr_ast_watermark *}
watermark(A) ::= WATERMARK(T) FOR expr(X) idle(I). {
    A = WR_NEW(p->arena, wr_ast_watermark);
    A->event_time = X;
    A->idle_timeout = I;
    A->span = wr_span_here(p, T.position);
}
watermark(A) ::= WATERMARK(T) FOR expr(X) AS expr(Y) idle(I). {
    A = WR_NEW(p->arena, wr_ast_watermark);
    A->event_time = X;
    A->as = Y;
    A->idle_timeout = I;
    A->span = wr_span_here(p, T.position);
}
watermark(A) ::= WATERMARK(T) FOR expr(X) DELAY duration(D) idle(I). {
    A = WR_NEW(p->arena, wr_ast_watermark);
    A->event_time = X;
    A->delay = D;
    A->idle_timeout = I;
    A->span = wr_span_here(p, T.position);
}
%type idle {wr_ast_duration}
idle(A) ::= . { A = (wr_ast_duration){0}; }
idle(A) ::= IDLE TIMEOUT duration(D). { A = D; }

// ── clauses ───────────────────────────────────────────────────────────────────────────────────
%type clauses {wr_ast_select *}
clauses(A) ::= . { A = WR_NEW(p->arena, wr_ast_select); }
clauses(A) ::= clauses(A) WINDOW(T) window(W). {
    wr_build_clause_check(p, A, WR_CLAUSE_WINDOW, T);
    W->span = wr_span_here(p, T.position);
    A->window = W;
}
clauses(A) ::= clauses(A) WHERE(T) expr(X). {
    wr_build_clause_check(p, A, WR_CLAUSE_WHERE, T);
    A->where = X;
}
clauses(A) ::= clauses(A) GROUP(T) BY groups(G). {
    wr_build_clause_check(p, A, WR_CLAUSE_GROUP, T);
    A->groups = G.items;
    A->group_count = G.count;
}
clauses(A) ::= clauses(A) HAVING(T) expr(X). {
    wr_build_clause_check(p, A, WR_CLAUSE_HAVING, T);
    A->having = X;
}
clauses(A) ::= clauses(A) QUALIFY(T) expr(X). {
    wr_build_clause_check(p, A, WR_CLAUSE_QUALIFY, T);
    A->qualify = X;
}

%type groups {wr_list}
%type group {wr_ast_group}
groups(A) ::= group(G). { A = WR_LIST_ADD(p, (wr_list){0}, G); }
groups(A) ::= groups(X) COMMA group(G). { A = WR_LIST_ADD(p, X, G); }
group(A) ::= expr(X). {
    A = (wr_ast_group){.kind = WR_AST_GROUP_EXPR, .expr = X, .span = X->span};
}
group(A) ::= GROUPING(T) SETS LP sets(S) RP. {
    A = (wr_ast_group){.kind = WR_AST_GROUP_SETS, .sets = S.items, .set_count = S.count,
                       .span = wr_span_here(p, T.position)};
}
group(A) ::= ROLLUP(T) LP sets(S) RP. {
    A = (wr_ast_group){.kind = WR_AST_GROUP_ROLLUP, .sets = S.items, .set_count = S.count,
                       .span = wr_span_here(p, T.position)};
}
group(A) ::= CUBE(T) LP sets(S) RP. {
    A = (wr_ast_group){.kind = WR_AST_GROUP_CUBE, .sets = S.items, .set_count = S.count,
                       .span = wr_span_here(p, T.position)};
}
%type sets {wr_list}
%type set {wr_ast_expr_list}
sets(A) ::= set(S). { A = WR_LIST_ADD(p, (wr_list){0}, S); }
sets(A) ::= sets(X) COMMA set(S). { A = WR_LIST_ADD(p, X, S); }
set(A) ::= LP RP. { A = (wr_ast_expr_list){0}; }
set(A) ::= LP exprs(X) COMMA expr(Y) RP. {
    wr_list list = WR_LIST_ADD(p, X, Y);
    A = wr_build_exprs(list);
}
set(A) ::= expr(X). {
    wr_list list = WR_LIST_ADD(p, (wr_list){0}, X);
    A = wr_build_exprs(list);
}

%type window {wr_ast_window *}
window(A) ::= window_kind(K) window_options(L). { A = wr_build_window(p, K, L, true); }
window(A) ::= window_kind(K) LP window_options(L) RP. { A = wr_build_window(p, K, L, false); }
%type window_kind {wr_token}
window_kind(A) ::= TUMBLING(A).
window_kind(A) ::= HOPPING(A).
window_kind(A) ::= SESSION(A).
window_kind(A) ::= SLIDING(A).
window_kind(A) ::= CUMULATE(A).
window_kind(A) ::= COUNT(A).
%type window_options {wr_list}
window_options(A) ::= window_main(M). { A = WR_LIST_ADD(p, (wr_list){0}, *M); }
window_options(A) ::= window_options(X) window_option(O). { A = WR_LIST_ADD(p, X, *O); }
window_options(A) ::= window_options(X) COMMA window_option(O). { A = WR_LIST_ADD(p, X, *O); }
%type window_main {wr_window_option *}
window_main(A) ::= duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_SIZE, D.span.position);
    A->plain = true;
    A->duration = D;
}
window_main(A) ::= NUMBER(N). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_SIZE, N.position);
    A->plain = true;
    A->number = wr_build_count(p, N, 1);
}
window_main(A) ::= SIZE(T) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_SIZE, T.position);
    A->duration = D;
}
window_main(A) ::= GAP(T) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_GAP, T.position);
    A->duration = D;
}
%type window_option {wr_window_option *}
window_option(A) ::= ADVANCE(T) BY duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_ADVANCE, T.position);
    A->duration = D;
}
window_option(A) ::= ADVANCE(T) BY NUMBER(N). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_ADVANCE, T.position);
    A->number = wr_build_count(p, N, 1);
}
window_option(A) ::= ROWS(T). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_ROWS, T.position);
}
window_option(A) ::= MAX(T) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_MAX, T.position);
    A->duration = D;
}
window_option(A) ::= STEP(T) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_STEP, T.position);
    A->duration = D;
}
window_option(A) ::= GRACE(T) PERIOD duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_GRACE, T.position);
    A->duration = D;
}
window_option(A) ::= RETENTION(T) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_RETENTION, T.position);
    A->duration = D;
}
window_option(A) ::= OFFSET(T) any_duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_OFFSET, T.position);
    A->duration = D;
}
window_option(A) ::= OFFSET(T) MINUS(M) duration(D). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_OFFSET, T.position);
    A->duration = wr_build_negative(p, D, M);
}
window_option(A) ::= IN(T) TIME ZONE STRING(S). {
    A = wr_build_window_option(p, WR_WINDOW_OPTION_ZONE, T.position);
    A->zone = wr_build_string(p, S);
    A->zone_span = wr_token_span(S);
}

// ── tails: ORDER BY, LIMIT, EMIT, LATE DATA ───────────────────────────────────────────────────
%type tails {wr_ast_query *}
tails(A) ::= . { A = WR_NEW(p->arena, wr_ast_query); }
tails(A) ::= tails(A) ORDER(T) BY sorts(L). { wr_build_order(p, A, T, L); }
tails(A) ::= tails(A) LIMIT(T) expr(X). {
    wr_build_tail_once(p, A->limit != NULL, T);
    A->limit = X;
}
tails(A) ::= tails(A) LIMIT(T) expr(X) OFFSET expr(Y). {
    wr_build_tail_once(p, A->limit != NULL, T);
    A->limit = X;
    A->offset = Y;
}
tails(A) ::= tails(A) EMIT(T) emit(E) fill(F). {
    wr_build_tail_once(p, A->emit.kind != WR_AST_EMIT_DEFAULT, T);
    A->emit = *E;
    A->emit.fill = F->fill;
    A->emit.fill_value = F->fill_value;
    A->emit.fill_span = F->fill_span;
    A->emit.span = wr_span_here(p, T.position);
}
tails(A) ::= tails(A) LATE(T) DATA TO sink(S). {
    wr_build_tail_once(p, A->late != WR_AST_LATE_DEFAULT, T);
    A->late = WR_AST_LATE_TO;
    A->late_sink = S;
    A->late_span = wr_span_here(p, T.position);
}
tails(A) ::= tails(A) LATE(T) DATA DROP. {
    wr_build_tail_once(p, A->late != WR_AST_LATE_DEFAULT, T);
    A->late = WR_AST_LATE_DROP;
    A->late_span = wr_span_here(p, T.position);
}
tails(A) ::= tails(A) LATE(T) DATA FAIL. {
    wr_build_tail_once(p, A->late != WR_AST_LATE_DEFAULT, T);
    A->late = WR_AST_LATE_FAIL;
    A->late_span = wr_span_here(p, T.position);
}
%type emit {wr_ast_emit *}
emit(A) ::= emit_kind(K). {
    A = WR_NEW(p->arena, wr_ast_emit);
    A->kind = K;
}
emit(A) ::= EVERY duration(D). {
    A = WR_NEW(p->arena, wr_ast_emit);
    A->kind = WR_AST_EMIT_EVERY;
    A->every = D;
}
emit(A) ::= EVERY duration(D) AND FINAL. {
    A = WR_NEW(p->arena, wr_ast_emit);
    A->kind = WR_AST_EMIT_EVERY_AND_FINAL;
    A->every = D;
}
%type emit_kind {wr_ast_emit_kind}
emit_kind(A) ::= FINAL. { A = WR_AST_EMIT_FINAL; }
emit_kind(A) ::= ON WINDOW CLOSE. { A = WR_AST_EMIT_FINAL; }
emit_kind(A) ::= CHANGES. { A = WR_AST_EMIT_CHANGES; }
%type fill {wr_ast_emit *}
fill(A) ::= . { A = WR_NEW(p->arena, wr_ast_emit); }
fill(A) ::= FILL(T) PREVIOUS. {
    A = WR_NEW(p->arena, wr_ast_emit);
    A->fill = WR_AST_FILL_PREVIOUS;
    A->fill_span = wr_span_here(p, T.position);
}
fill(A) ::= FILL(T) fill_value(X). {
    A = WR_NEW(p->arena, wr_ast_emit);
    A->fill = WR_AST_FILL_VALUE;
    A->fill_value = X;
    A->fill_span = wr_span_here(p, T.position);
}
%type fill_value {wr_ast_expr *}
fill_value(A) ::= literal(A).
fill_value(A) ::= typed_literal(A).
fill_value(A) ::= MINUS(T) NUMBER(N). {
    A = wr_build_unary(p, WR_AST_OP_NEGATE, T, wr_build_literal(p, WR_AST_NUMBER, N));
}

%type sorts {wr_list}
%type sort {wr_ast_sort}
sorts(A) ::= sort(S). { A = WR_LIST_ADD(p, (wr_list){0}, S); }
sorts(A) ::= sorts(X) COMMA sort(S). { A = WR_LIST_ADD(p, X, S); }
sort(A) ::= expr(X) descending(D) nulls(N). {
    A = (wr_ast_sort){.expr = X, .descending = D, .nulls = N};
}
%type descending {bool}
descending(A) ::= . { A = false; }
descending(A) ::= ASC. { A = false; }
descending(A) ::= DESC. { A = true; }
%type nulls {wr_ast_nulls}
nulls(A) ::= . { A = WR_AST_NULLS_DEFAULT; }
nulls(A) ::= NULLS FIRST. { A = WR_AST_NULLS_FIRST; }
nulls(A) ::= NULLS LAST. { A = WR_AST_NULLS_LAST; }

// ── expressions ───────────────────────────────────────────────────────────────────────────────
%type exprs {wr_list}
exprs(A) ::= expr(X). { A = WR_LIST_ADD(p, (wr_list){0}, X); }
exprs(A) ::= exprs(L) COMMA expr(X). { A = WR_LIST_ADD(p, L, X); }

%type literal {wr_ast_expr *}
literal(A) ::= NUMBER(T). { A = wr_build_literal(p, WR_AST_NUMBER, T); }
literal(A) ::= STRING(T). { A = wr_build_literal(p, WR_AST_STRING, T); }
literal(A) ::= NULL(T). { A = wr_build_literal(p, WR_AST_NULL, T); }
literal(A) ::= TRUE(T). { A = wr_build_literal(p, WR_AST_BOOLEAN, T); A->u.boolean = true; }
literal(A) ::= FALSE(T). { A = wr_build_literal(p, WR_AST_BOOLEAN, T); }
%type typed_literal {wr_ast_expr *}
typed_literal(A) ::= ID(W) STRING(S). { A = wr_build_typed(p, W, S, (wr_token){0}); }
typed_literal(A) ::= ID(W) STRING(S) UNIT(U). { A = wr_build_typed(p, W, S, U); }

%type expr {wr_ast_expr *}
expr(A) ::= literal(A).
expr(A) ::= typed_literal(A).
expr(A) ::= PARAMETER(T). { A = wr_build_parameter(p, T); }
expr(A) ::= SECRET_OF(T) nm(N). {
    A = wr_expr_new(p, WR_AST_SECRET, T.position);
    A->u.name = N;
}
expr(A) ::= nm(N). { A = wr_build_path(p, N); }
expr(A) ::= expr(X) DOT nm(N). { A = wr_build_field(p, X, N); }
expr(A) ::= expr(X) LB expr(Y) RB. {
    A = wr_expr_new(p, WR_AST_SUBSCRIPT, X->span.position);
    A->u.subscript.operand = X;
    A->u.subscript.index = Y;
}
expr(A) ::= ARRAY(T) LB RB. { A = wr_expr_new(p, WR_AST_ARRAY, T.position); }
expr(A) ::= ARRAY(T) LB exprs(L) RB. {
    A = wr_expr_new(p, WR_AST_ARRAY, T.position);
    A->u.list = wr_build_exprs(L);
}
expr(A) ::= LP(T) expr(X) RP. {
    A = X;
    A->span = wr_span_here(p, T.position);
}
expr(A) ::= LP(T) query(Q) RP. {
    A = wr_expr_new(p, WR_AST_SUBQUERY, T.position);
    A->u.query = Q;
}
expr(A) ::= EXISTS(T) LP query(Q) RP. {
    A = wr_expr_new(p, WR_AST_EXISTS, T.position);
    A->u.query = Q;
}
expr(A) ::= CAST(T) LP expr(X) AS type(Y) RP. { A = wr_build_cast(p, X, Y, T.position); }
expr(A) ::= TRY_CAST(T) LP expr(X) AS type(Y) RP. {
    A = wr_build_cast(p, X, Y, T.position);
    A->u.cast.try_cast = true;
}
expr(A) ::= expr(X) COLONCOLON simple_type(Y). {
    A = wr_build_cast(p, X, Y, X->span.position);
}
expr(A) ::= CASE(T) operand(X) whens(W) otherwise(E) END. {
    A = wr_expr_new(p, WR_AST_CASE, T.position);
    A->u.cases.operand = X;
    A->u.cases.whens = W.items;
    A->u.cases.when_count = W.count;
    A->u.cases.otherwise = E;
}
%type operand {wr_ast_expr *}
operand(A) ::= . { A = NULL; }
operand(A) ::= expr(A).
%type otherwise {wr_ast_expr *}
otherwise(A) ::= . { A = NULL; }
otherwise(A) ::= ELSE expr(X). { A = X; }
%type whens {wr_list}
whens(A) ::= WHEN expr(X) THEN expr(Y). {
    wr_ast_when when = {.condition = X, .result = Y};
    A = WR_LIST_ADD(p, (wr_list){0}, when);
}
whens(A) ::= whens(L) WHEN expr(X) THEN expr(Y). {
    wr_ast_when when = {.condition = X, .result = Y};
    A = WR_LIST_ADD(p, L, when);
}

expr(A) ::= expr(X) OR(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_OR, X, T, Y); }
expr(A) ::= expr(X) AND(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_AND, X, T, Y); }
expr(A) ::= NOT(T) expr(X). { A = wr_build_unary(p, WR_AST_OP_NOT, T, X); }
expr(A) ::= expr(X) EQ(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_EQ, X, T, Y); }
expr(A) ::= expr(X) NE(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_NE, X, T, Y); }
expr(A) ::= expr(X) LT(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_LT, X, T, Y); }
expr(A) ::= expr(X) LE(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_LE, X, T, Y); }
expr(A) ::= expr(X) GT(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_GT, X, T, Y); }
expr(A) ::= expr(X) GE(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_GE, X, T, Y); }
expr(A) ::= expr(X) PLUS(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_ADD, X, T, Y); }
expr(A) ::= expr(X) MINUS(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_SUBTRACT, X, T, Y); }
expr(A) ::= expr(X) STAR(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_MULTIPLY, X, T, Y); }
expr(A) ::= expr(X) SLASH(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_DIVIDE, X, T, Y); }
expr(A) ::= expr(X) PERCENT(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_MODULO, X, T, Y); }
expr(A) ::= expr(X) CONCAT(T) expr(Y). { A = wr_build_chain(p, WR_AST_OP_CONCAT, X, T, Y); }
expr(A) ::= expr(X) ARROW(T) expr(Y). { A = wr_build_binary(p, WR_AST_OP_ARROW, X, T, Y); }
expr(A) ::= expr(X) ARROW_TEXT(T) expr(Y). {
    A = wr_build_binary(p, WR_AST_OP_ARROW_TEXT, X, T, Y);
}
expr(A) ::= MINUS(T) expr(X). [UMINUS] { A = wr_build_unary(p, WR_AST_OP_NEGATE, T, X); }
expr(A) ::= PLUS(T) expr(X). [UMINUS] { A = wr_build_unary(p, WR_AST_OP_PLUS, T, X); }
expr(A) ::= expr(X) AT TIME ZONE expr(Y). [AT] {
    A = wr_expr_new(p, WR_AST_AT_TIME_ZONE, X->span.position);
    A->u.zone.operand = X;
    A->u.zone.zone = Y;
}

expr(A) ::= expr(X) IS not(N) NULL. { A = wr_build_is(p, WR_AST_IS_NULL, X, N); }
expr(A) ::= expr(X) IS not(N) TRUE. {
    A = wr_build_is(p, WR_AST_IS_BOOLEAN, X, N);
    A->u.is.boolean = true;
}
expr(A) ::= expr(X) IS not(N) FALSE. { A = wr_build_is(p, WR_AST_IS_BOOLEAN, X, N); }
expr(A) ::= expr(X) IS not(N) DISTINCT FROM expr(Y). [IS] {
    A = wr_build_is(p, WR_AST_IS_DISTINCT, X, N);
    A->u.is.other = Y;
}
%type not {bool}
not(A) ::= . { A = false; }
not(A) ::= NOT. { A = true; }

%type like {struct { bool negated, ignore_case; }}
like(A) ::= LIKE. { A.negated = false; A.ignore_case = false; }
like(A) ::= ILIKE. { A.negated = false; A.ignore_case = true; }
like(A) ::= NOT LIKE. { A.negated = true; A.ignore_case = false; }
like(A) ::= NOT ILIKE. { A.negated = true; A.ignore_case = true; }
expr(A) ::= expr(X) like(L) expr(Y). [LIKE] {
    A = wr_expr_new(p, WR_AST_LIKE, X->span.position);
    A->u.like.negated = L.negated;
    A->u.like.ignore_case = L.ignore_case;
    A->u.like.operand = X;
    A->u.like.pattern = Y;
}
expr(A) ::= expr(X) like(L) expr(Y) ESCAPE expr(E). [LIKE] {
    A = wr_expr_new(p, WR_AST_LIKE, X->span.position);
    A->u.like.negated = L.negated;
    A->u.like.ignore_case = L.ignore_case;
    A->u.like.operand = X;
    A->u.like.pattern = Y;
    A->u.like.escape = E;
}
%type between {bool}
between(A) ::= BETWEEN. { A = false; }
between(A) ::= NOT BETWEEN. { A = true; }
expr(A) ::= expr(X) between(N) expr(Y) AND expr(Z). [BETWEEN] {
    A = wr_expr_new(p, WR_AST_BETWEEN, X->span.position);
    A->u.between.negated = N;
    A->u.between.operand = X;
    A->u.between.low = Y;
    A->u.between.high = Z;
}
%type in {bool}
in(A) ::= IN_LIST. { A = false; }
in(A) ::= NOT IN_LIST. { A = true; }
expr(A) ::= expr(X) in(N) LP exprs(L) RP. [IN] {
    A = wr_build_in(p, X, N);
    A->u.in.list = wr_build_exprs(L);
}
expr(A) ::= expr(X) in(N) LP query(Q) RP. [IN] {
    A = wr_build_in(p, X, N);
    A->kind = WR_AST_IN_QUERY;
    A->u.in.query = Q;
}

// ── calls ─────────────────────────────────────────────────────────────────────────────────────
expr(A) ::= call(C) within_group(W) filter(F) over(O). {
    A = wr_expr_new(p, WR_AST_CALL, C->name.span.position);
    if (W.count > 0) {
        wr_build_within_group(p, C, W);
    }
    C->filter = F;
    C->over = O;
    A->u.call = C;
}
%type call {wr_ast_call *}
call(A) ::= nm(N) LP args(L) RP. { A = wr_build_call(p, N, L); }
call(A) ::= nm(N) LP STAR RP. {
    A = wr_build_call(p, N, (wr_list){0});
    A->star = true;
}
call(A) ::= nm(N) LP DISTINCT exprs(L) order_inside(S) RP. {
    A = wr_build_call(p, N, wr_build_args(p, L));
    A->distinct = true;
    A->order = S.items;
    A->order_count = S.count;
}
call(A) ::= nm(N) LP arg_list(L) ORDER BY sorts(S) RP. {
    A = wr_build_call(p, N, L);
    A->order = S.items;
    A->order_count = S.count;
}
%type order_inside {wr_list}
order_inside(A) ::= . { A = (wr_list){0}; }
order_inside(A) ::= ORDER BY sorts(S). { A = S; }
call(A) ::= nm(N) LP expr(X) FROM expr(Y) RP. { A = wr_build_from_call(p, N, X, Y, NULL); }
call(A) ::= nm(N) LP expr(X) FROM expr(Y) FOR expr(Z) RP. {
    A = wr_build_from_call(p, N, X, Y, Z);
}
call(A) ::= nm(N) LP expr(X) FOR expr(Z) RP. { A = wr_build_from_call(p, N, X, NULL, Z); }
call(A) ::= nm(N) LP expr(X) IN expr(Y) RP. { A = wr_build_position(p, N, X, Y); }
call(A) ::= nm(N) LP trim_side(S) expr(X) FROM expr(Y) RP. { A = wr_build_trim(p, N, S, X, Y); }
call(A) ::= nm(N) LP trim_side(S) FROM expr(Y) RP. { A = wr_build_trim(p, N, S, NULL, Y); }
call(A) ::= nm(N) LP trim_side(S) expr(Y) RP. { A = wr_build_trim(p, N, S, NULL, Y); }
%type trim_side {wr_token}
trim_side(A) ::= BOTH(A).
trim_side(A) ::= LEADING(A).
trim_side(A) ::= TRAILING(A).

%type args {wr_list}
%type arg_list {wr_list}
%type arg {wr_ast_arg *}
args(A) ::= . { A = (wr_list){0}; }
args(A) ::= arg_list(A).
arg_list(A) ::= arg(X). { A = WR_LIST_ADD(p, (wr_list){0}, *X); }
arg_list(A) ::= arg_list(L) COMMA arg(X). { A = WR_LIST_ADD(p, L, *X); }
arg(A) ::= expr(X). { A = wr_build_arg(p, (wr_ast_name){0}, X); }
arg(A) ::= expr(X) EQ(T) LP(P) exprs(L) COMMA expr(Y) RP. {
    wr_ast_expr *names = wr_build_name_list(p, P.position, WR_LIST_ADD(p, L, Y));
    A = wr_build_arg(p, (wr_ast_name){0}, wr_build_binary(p, WR_AST_OP_EQ, X, T, names));
}
arg(A) ::= nm(N) FATARROW expr(X). { A = wr_build_arg(p, N, X); }
arg(A) ::= STRING(T) FATARROW expr(X). { A = wr_build_arg(p, wr_build_string_name(p, T), X); }
arg(A) ::= table_arg(A).
arg(A) ::= nm(N) FATARROW table_arg(X). {
    A = X;
    A->name = N;
    A->span = wr_span_here(p, N.span.position);
}
%type table_arg {wr_ast_arg *}
table_arg(A) ::= TABLE(T) source_body(S) partition_opt(P). {
    A = wr_build_arg(p, (wr_ast_name){0}, NULL);
    A->kind = WR_AST_ARG_TABLE;
    A->table = S;
    A->partition = wr_build_exprs(P);
    A->span = wr_span_here(p, T.position);
}
%type partition_opt {wr_list}
partition_opt(A) ::= . { A = (wr_list){0}; }
partition_opt(A) ::= PARTITION BY expr(X). { A = WR_LIST_ADD(p, (wr_list){0}, X); }
partition_opt(A) ::= PARTITION BY LP exprs(L) COMMA expr(X) RP. { A = WR_LIST_ADD(p, L, X); }

%type within_group {wr_list}
within_group(A) ::= . { A = (wr_list){0}; }
within_group(A) ::= WITHIN_GROUP GROUP LP ORDER BY sorts(S) RP. { A = S; }
%type filter {wr_ast_expr *}
filter(A) ::= . { A = NULL; }
filter(A) ::= FILTER LP WHERE expr(X) RP. { A = X; }

%type over {wr_ast_over *}
over(A) ::= . { A = NULL; }
over(A) ::= OVER(T) LP partition(P) order_inside(S) frame(F) RP. {
    A = F;
    A->partition = wr_build_exprs(P);
    A->order = S.items;
    A->order_count = S.count;
    A->span = wr_span_here(p, T.position);
}
%type partition {wr_list}
partition(A) ::= . { A = (wr_list){0}; }
partition(A) ::= PARTITION BY exprs(L). { A = L; }
%type frame {wr_ast_over *}
frame(A) ::= . { A = WR_NEW(p->arena, wr_ast_over); }
frame(A) ::= frame_unit(U) bound(B). {
    A = WR_NEW(p->arena, wr_ast_over);
    A->frame = U;
    A->start = *B;
    A->end.kind = WR_AST_BOUND_CURRENT_ROW;
    A->end.span = B->span;
}
frame(A) ::= frame_unit(U) BETWEEN bound(B) AND bound(E). {
    A = WR_NEW(p->arena, wr_ast_over);
    A->frame = U;
    A->start = *B;
    A->end = *E;
}
%type frame_unit {wr_ast_frame_unit}
frame_unit(A) ::= ROWS. { A = WR_AST_FRAME_ROWS; }
frame_unit(A) ::= RANGE. { A = WR_AST_FRAME_RANGE; }
%type bound {wr_ast_bound *}
bound(A) ::= UNBOUNDED(T) PRECEDING. {
    A = wr_build_bound(p, WR_AST_BOUND_UNBOUNDED_PRECEDING, T.position);
}
bound(A) ::= UNBOUNDED(T) FOLLOWING. {
    A = wr_build_bound(p, WR_AST_BOUND_UNBOUNDED_FOLLOWING, T.position);
}
bound(A) ::= CURRENT(T) ROW. { A = wr_build_bound(p, WR_AST_BOUND_CURRENT_ROW, T.position); }
bound(A) ::= NUMBER(N) side(K). {
    A = wr_build_bound(p, K, N.position);
    A->row_count = wr_build_count(p, N, 0);
}
bound(A) ::= duration(D) side(K). {
    A = wr_build_bound(p, K, D.span.position);
    A->duration = D;
}
%type side {wr_ast_bound_kind}
side(A) ::= PRECEDING. { A = WR_AST_BOUND_PRECEDING; }
side(A) ::= FOLLOWING. { A = WR_AST_BOUND_FOLLOWING; }

%code {
/* What the tables would do with `token` in `state`. Unlike the parser's own look-up, a keyword that
 * would be taken as a name only is an error, so that "expected" lists real keywords. */
static YYACTIONTYPE
strict_action(YYACTIONTYPE state, YYCODETYPE token)
{
    if (state > YY_MAX_SHIFT) {
        return state; /* a reduction that waits for the next token */
    }
    int row = yy_shift_ofst[state];
    if (yy_lookahead[row + token] == token) {
        return yy_action[row + token];
    }
    size_t fallback_count = sizeof(yyFallback) / sizeof(yyFallback[0]);
    YYCODETYPE fallback = token < fallback_count ? yyFallback[token] : 0;
    if (fallback != 0 && yy_lookahead[row + fallback] == fallback) {
        return YY_ERROR_ACTION;
    }
    return yy_default[state];
}

/* Runs the reductions that `token` causes and then its shift, on states[*depth]. */
static bool
states_take(YYACTIONTYPE *states, int *depth, int token)
{
    for (;;) {
        YYACTIONTYPE action = strict_action(states[*depth], (YYCODETYPE)token);
        if (action >= YY_MIN_REDUCE) {
            unsigned rule = action - YY_MIN_REDUCE;
            *depth += yyRuleInfoNRhs[rule]; /* minus the length of the right side */
            YYACTIONTYPE next = yy_find_reduce_action(states[*depth], yyRuleInfoLhs[rule]);
            states[++*depth] = next;
        } else if (action <= YY_MAX_SHIFTREDUCE) {
            bool reduces = action > YY_MAX_SHIFT;
            states[++*depth] =
                (YYACTIONTYPE)(reduces ? action + YY_MIN_REDUCE - YY_MIN_SHIFTREDUCE : action);
            return true;
        } else {
            return action == YY_ACCEPT_ACTION;
        }
        if (*depth >= WR_GRAMMAR_STACK - 2) {
            return false;
        }
    }
}

bool
wr_grammar_accepts(const void *parser, const int *tokens, int count)
{
    const yyParser *yy = parser;
    int depth = (int)(yy->yytos - yy->yystack);
    YYACTIONTYPE states[WR_GRAMMAR_STACK + 2];
    for (int i = 0; i <= depth; i++) {
        states[i] = yy->yystack[i].stateno;
    }
    for (int i = 0; i < count; i++) {
        bool known = tokens[i] < YYNTOKEN; /* WR_TOKEN_BAD and the like are not */
        if (!known || !states_take(states, &depth, tokens[i])) {
            return false;
        }
    }
    return true;
}
}
// tidy: allow file-length: a grammar is one file, its rules are looked up by name
