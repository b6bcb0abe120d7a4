/* Prints statements.
 *
 *     CREATE OR REPLACE STREAM IF NOT EXISTS s (ts TIMESTAMP NOT NULL, WATERMARK FOR ts)
 *         WITH (connector = 'kafka', topic = 't')                          (on one line)
 *
 * 1. One case a kind; the words of CREATE … are in one place. */
#include "parser/ast_print.h"

static void
print_options(const wr_printer *printer, const char *before, const wr_ast_option *options,
              int count)
{
    for (int i = 0; i < count; i++) {
        wr_print_put(printer, i == 0 ? before : ", ");
        wr_print_dotted(printer, options[i].name);
        wr_print_put(printer, " = ");
        wr_print_expr(printer, options[i].value, WR_LEVEL_ANY);
    }
    wr_print_put(printer, count > 0 ? ")" : "");
}

static void
print_create(const wr_printer *printer, const wr_ast_statement *statement, const char *kind,
             wr_ast_name name)
{
    wr_buffer_printf(printer->out, "CREATE %s%s %s", statement->or_replace ? "OR REPLACE " : "",
                     kind, statement->if_not_exists ? "IF NOT EXISTS " : "");
    wr_print_name(printer, name);
}

static void
print_column(const wr_printer *printer, const wr_ast_column *column)
{
    wr_print_name(printer, column->name);
    if (column->kind == WR_AST_COLUMN_COMPUTED) {
        wr_print_put(printer, " AS ");
        wr_print_expr(printer, column->computed, WR_LEVEL_ANY);
        return;
    }
    wr_print_put(printer, " ");
    wr_print_type(printer, column->type);
    wr_print_put(printer, column->not_null ? " NOT NULL" : "");
    wr_print_put(printer, column->primary_key ? " PRIMARY KEY" : "");
    if (column->metadata) {
        wr_print_put(printer, " METADATA FROM ");
        wr_print_string(printer, column->metadata_from);
    }
}

static void
print_table(const wr_printer *printer, const wr_ast_statement *statement, const char *kind)
{
    const wr_ast_table *table = statement->u.table;
    const char *before = " (";
    print_create(printer, statement, kind, table->name);
    for (int i = 0; i < table->column_count; i++) {
        wr_print_put(printer, before);
        print_column(printer, &table->columns[i]);
        before = ", ";
    }
    if (table->primary_key_count > 0) {
        wr_buffer_printf(printer->out, "%sPRIMARY KEY ", before);
        wr_print_names(printer, table->primary_key, table->primary_key_count);
        before = ", ";
    }
    if (table->watermark != NULL) {
        wr_print_put(printer, before);
        wr_print_watermark(printer, table->watermark);
        before = ", ";
    }
    wr_print_put(printer, before[0] == ',' ? ")" : "");
    print_options(printer, " WITH (", table->options, table->option_count);
}

static void
print_insert(const wr_printer *printer, const wr_ast_insert *insert)
{
    wr_print_put(printer, "INSERT INTO ");
    wr_print_sink(printer, &insert->sink);
    wr_print_put(printer, " ");
    wr_print_query(printer, insert->query);
}

static void
print_job(const wr_printer *printer, const wr_ast_statement *statement)
{
    const wr_ast_job *job = statement->u.job;
    print_create(printer, statement, "JOB", job->name);
    print_options(printer, " WITH (", job->options, job->option_count);
    wr_print_put(printer, job->block ? " AS BEGIN " : " AS ");
    for (int i = 0; i < job->insert_count; i++) {
        print_insert(printer, &job->inserts[i]);
        wr_print_put(printer, job->block ? "; " : "");
    }
    wr_print_put(printer, job->block ? "END" : "");
}

static const char *
object_word(wr_ast_object_kind kind)
{
    switch (kind) {
    case WR_AST_OBJECT_STREAM: return "STREAM";
    case WR_AST_OBJECT_TABLE: return "TABLE";
    case WR_AST_OBJECT_VIEW: return "VIEW";
    case WR_AST_OBJECT_JOB: return "JOB";
    case WR_AST_OBJECT_SECRET: return "SECRET";
    }
    return "";
}

static const char *
explain_words(wr_ast_explain_kind kind)
{
    switch (kind) {
    case WR_AST_EXPLAIN_PLAN: return "EXPLAIN";
    case WR_AST_EXPLAIN_STATE: return "EXPLAIN STATE";
    case WR_AST_EXPLAIN_STALL: return "EXPLAIN STALL";
    case WR_AST_EXPLAIN_UPGRADE: return "EXPLAIN UPGRADE";
    }
    return "";
}

static void
print_explain(const wr_printer *printer, const wr_ast_statement *statement)
{
    wr_print_put(printer, explain_words(statement->u.explain.kind));
    wr_print_put(printer, statement->u.explain.json ? " (FORMAT JSON)" : "");
    if (statement->u.explain.job.text.size > 0) {
        wr_print_put(printer, " ");
        wr_print_name(printer, statement->u.explain.job);
    }
    if (statement->u.explain.statement != NULL) {
        bool upgrade = statement->u.explain.kind == WR_AST_EXPLAIN_UPGRADE;
        wr_print_put(printer, upgrade ? " AS " : " ");
        wr_print_statement(printer, statement->u.explain.statement);
    }
}

static void
print_words_name(const wr_printer *printer, const char *words, wr_ast_name name)
{
    wr_print_put(printer, words);
    wr_print_name(printer, name);
}

static void
print_words_string(const wr_printer *printer, const char *words, wr_text string)
{
    wr_print_put(printer, words);
    wr_print_string(printer, string);
}

static void
print_words_expr(const wr_printer *printer, const char *words, const wr_ast_expr *expr)
{
    if (expr != NULL) {
        wr_print_put(printer, words);
        wr_print_expr(printer, expr, WR_LEVEL_ANY);
    }
}

static void
print_show(const wr_printer *printer, const wr_ast_statement *statement)
{
    wr_print_put(printer, "SHOW ");
    wr_print_dotted(printer, statement->u.show.what);
    if (statement->u.show.like != NULL) {
        print_words_string(printer, " LIKE ", statement->u.show.like->u.text);
    }
}

static void
print_assert(const wr_printer *printer, const wr_ast_statement *statement)
{
    static const char *const signs[] = {
        [WR_AST_OP_EQ] = " = ",  [WR_AST_OP_NE] = " <> ", [WR_AST_OP_LT] = " < ",
        [WR_AST_OP_LE] = " <= ", [WR_AST_OP_GT] = " > ",  [WR_AST_OP_GE] = " >= ",
    };
    if (statement->kind == WR_AST_STATEMENT_ASSERT_ROWS) {
        bool ordered = statement->u.assert_rows.ordered;
        wr_print_put(printer, ordered ? "ASSERT ROWS ORDERED (" : "ASSERT ROWS (");
        wr_print_query(printer, statement->u.assert_rows.query);
        wr_print_put(printer, ") VALUES ");
        wr_print_rows(printer, statement->u.assert_rows.rows, statement->u.assert_rows.row_count);
    } else if (statement->kind == WR_AST_STATEMENT_ASSERT_METRIC) {
        wr_print_put(printer, "ASSERT METRIC ");
        wr_print_dotted(printer, statement->u.assert_metric.metric);
        print_words_expr(printer, signs[statement->u.assert_metric.op],
                         statement->u.assert_metric.value);
    } else {
        print_words_string(printer, "ASSERT ERROR ", statement->u.assert_error.code);
        wr_print_put(printer, " FOR ");
        wr_print_statement(printer, statement->u.assert_error.statement);
    }
}

static void
print_job_command(const wr_printer *printer, const wr_ast_statement *statement)
{
    if (statement->kind == WR_AST_STATEMENT_ALTER_JOB) {
        print_words_name(printer, "ALTER JOB ", statement->u.alter_job.name);
        wr_print_put(printer, statement->u.alter_job.resume ? " RESUME" : " PAUSE");
    } else if (statement->kind == WR_AST_STATEMENT_SAVEPOINT) {
        print_words_name(printer, "SAVEPOINT ", statement->u.savepoint.job);
        print_words_string(printer, " TO ", statement->u.savepoint.file);
    } else if (statement->kind == WR_AST_STATEMENT_FORK) {
        print_words_name(printer, "FORK JOB ", statement->u.fork.job);
        print_words_name(printer, " AS ", statement->u.fork.as);
        print_words_string(printer, " FROM ", statement->u.fork.file);
    } else {
        print_words_name(printer, "REPLAY DEAD LETTERS ", statement->u.replay.job);
        print_words_expr(printer, " WHERE ", statement->u.replay.where);
    }
}

void
wr_print_statement(const wr_printer *printer, const wr_ast_statement *statement)
{
    switch (statement->kind) {
    case WR_AST_STATEMENT_QUERY: wr_print_query(printer, statement->u.query); break;
    case WR_AST_STATEMENT_INSERT: print_insert(printer, statement->u.insert); break;
    case WR_AST_STATEMENT_EXPLAIN: print_explain(printer, statement); break;
    case WR_AST_STATEMENT_CREATE_STREAM: print_table(printer, statement, "STREAM"); break;
    case WR_AST_STATEMENT_CREATE_TABLE: print_table(printer, statement, "TABLE"); break;
    case WR_AST_STATEMENT_CREATE_VIEW:
        print_create(printer, statement, "VIEW", statement->u.view.name);
        wr_print_put(printer, " AS ");
        wr_print_query(printer, statement->u.view.query);
        break;
    case WR_AST_STATEMENT_CREATE_JOB: print_job(printer, statement); break;
    case WR_AST_STATEMENT_CREATE_SECRET:
        print_create(printer, statement, "SECRET", statement->u.secret.name);
        print_options(printer, " (", statement->u.secret.options,
                      statement->u.secret.option_count);
        break;
    case WR_AST_STATEMENT_DROP:
        wr_buffer_printf(printer->out, "DROP %s %s", object_word(statement->u.drop.kind),
                         statement->if_exists ? "IF EXISTS " : "");
        wr_print_name(printer, statement->u.drop.name);
        break;
    case WR_AST_STATEMENT_SET:
        wr_print_put(printer, "SET ");
        wr_print_dotted(printer, statement->u.option.name);
        print_words_expr(printer, " = ", statement->u.option.value);
        break;
    case WR_AST_STATEMENT_RESET:
        wr_print_put(printer, "RESET ");
        wr_print_dotted(printer, statement->u.name);
        break;
    case WR_AST_STATEMENT_SHOW: print_show(printer, statement); break;
    case WR_AST_STATEMENT_SHOW_CREATE:
        wr_buffer_printf(printer->out, "SHOW CREATE %s ",
                         object_word(statement->u.show_create.kind));
        wr_print_name(printer, statement->u.show_create.name);
        break;
    case WR_AST_STATEMENT_DESCRIBE:
        wr_print_put(printer, "DESCRIBE ");
        wr_print_dotted(printer, statement->u.name);
        break;
    case WR_AST_STATEMENT_DESCRIBE_QUERY:
        wr_print_put(printer, "DESCRIBE ");
        wr_print_query(printer, statement->u.query);
        break;
    case WR_AST_STATEMENT_ALTER_JOB:
    case WR_AST_STATEMENT_SAVEPOINT:
    case WR_AST_STATEMENT_FORK:
    case WR_AST_STATEMENT_REPLAY: print_job_command(printer, statement); break;
    case WR_AST_STATEMENT_ADVANCE_WATERMARK:
        print_words_name(printer, "ADVANCE WATERMARK ", statement->u.advance.name);
        print_words_expr(printer, " TO ", statement->u.advance.to);
        break;
    case WR_AST_STATEMENT_ADVANCE_CLOCK:
        print_words_expr(printer, "ADVANCE CLOCK TO ", statement->u.advance.to);
        break;
    case WR_AST_STATEMENT_RESTART: wr_print_put(printer, "RESTART"); break;
    case WR_AST_STATEMENT_ASSERT_ROWS:
    case WR_AST_STATEMENT_ASSERT_METRIC:
    case WR_AST_STATEMENT_ASSERT_ERROR: print_assert(printer, statement); break;
    }
}
