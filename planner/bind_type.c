/* Type names: BIGINT, VARCHAR, DOUBLE PRECISION, DECIMAL(10,2) … → wr_type.
 *
 * Invariant: a type that exists in the dialect but not in this version says so (E0501); a word that
 * is no type says what is near. VARCHAR(n) is TEXT: its length is not checked, as in SQLite. */
#include "planner/bind.h"

#include "core/decimal.h"

static bool
type_supported(wr_type_id id)
{
    switch (id) {
    case WR_TYPE_BOOLEAN:
    case WR_TYPE_BIGINT:
    case WR_TYPE_DOUBLE:
    case WR_TYPE_DECIMAL:
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_DATE:
    case WR_TYPE_TIME:
    case WR_TYPE_INTERVAL:
    case WR_TYPE_JSON: return true;
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return false;
    }
    return false;
}

/* What a type of another database is called here; NULL: nothing comes near. */
static const char *
type_elsewhere(wr_text word)
{
    static const struct {
        const char *word, *here;
    } types[] = {
        {"NUMBER", "DECIMAL(p,s), DOUBLE or BIGINT"},
        {"VARCHAR2", "TEXT"},
        {"NVARCHAR", "TEXT"},
        {"CLOB", "TEXT"},
        {"UUID", "TEXT"},
        {"ENUM", "TEXT"},
        {"DATETIME", "TIMESTAMP"},
        {"DATETIME2", "TIMESTAMP"},
        {"TIMESTAMP_LTZ", "TIMESTAMP"},
        {"SERIAL", "BIGINT"},
        {"BIGSERIAL", "BIGINT"},
        {"UNSIGNED", "BIGINT"},
        {"BIT", "BOOLEAN"},
        {"MONEY", "DECIMAL(19,4)"},
        {"MAP", "JSON"},
        {"ROW", "JSON"},
        {"OBJECT", "JSON"},
        {"VARIANT", "JSON"},
        {"BLOB", "BYTES"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (wr_text_equal_nocase(word, wr_text_from(types[i].word))) {
            return types[i].here;
        }
    }
    return NULL;
}

static wr_status
type_unknown(const wr_plan_context *context, const wr_ast_type *ast, wr_error *err)
{
    static const char *const words[] = {"BOOLEAN", "BIGINT",    "INT",      "SMALLINT", "TINYINT",
                                        "DOUBLE",  "TEXT",      "VARCHAR",  "BYTES",    "FLOAT",
                                        "REAL",    "TIMESTAMP", "INTERVAL", "JSON",     "INTEGER",
                                        "DECIMAL", "NUMERIC",   "DATE",     "TIME"};
    enum { COUNT = sizeof words / sizeof *words };
    wr_text names[COUNT];
    for (int i = 0; i < COUNT; i++) {
        names[i] = wr_text_from(words[i]);
    }
    wr_plan_error(context, err, ast->span, "E0301", "no type \"%.*s\"",
                  WR_TEXT_ARG(ast->name.text));
    const char *here = type_elsewhere(ast->name.text);
    int near = wr_text_nearest(ast->name.text, names, COUNT);
    if (here) {
        wr_error_hint(err, "Its name here is %s.", here);
    } else if (near >= 0) {
        wr_error_hint(err, "did you mean %.*s?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_hint(err,
                      "Types are BOOLEAN, BIGINT, DOUBLE, DECIMAL(p,s), TEXT, BYTES, DATE, TIME, "
                      "TIMESTAMP, INTERVAL and JSON.");
    }
    return WR_ERR_SQL;
}

/* DECIMAL(p) and DECIMAL(p,s). */
static wr_status
digits_bind(const wr_plan_context *context, const wr_ast_type *ast, wr_type *type, wr_error *err)
{
    int precision = ast->numbers[0], scale = ast->number_count > 1 ? ast->numbers[1] : 0;
    if (precision < 1 || precision > WR_DECIMAL_DIGITS_MAX || scale < 0 || scale > precision) {
        wr_plan_error(context, err, ast->span, "E0301", "there is no DECIMAL(%d,%d)", precision,
                      scale);
        wr_error_hint(err, "Write DECIMAL(p,s) with 1 to 38 digits, s of them after the point.");
        return WR_ERR_SQL;
    }
    *type = wr_decimal_type(precision, scale);
    return WR_OK;
}

wr_status
wr_bind_type(const wr_plan_context *context, const wr_ast_type *ast, wr_type *type, wr_error *err)
{
    if (!wr_type_from_word(ast->name.text, type)) {
        return type_unknown(context, ast, err);
    }
    if (!type_supported(type->id)) {
        return wr_plan_error(context, err, ast->span, "E0501", "type %s is not supported yet",
                             wr_type_id_name(type->id));
    }
    if (ast->number_count > 0 && type->id == WR_TYPE_DECIMAL) {
        return digits_bind(context, ast, type, err);
    }
    if (ast->number_count > 0 && type->id != WR_TYPE_TEXT) {
        wr_plan_unsupported(context, ast->span, "a length of a type", err);
        wr_error_hint(err, "Write the type without it.");
        return WR_ERR_SQL;
    }
    return WR_OK;
}
