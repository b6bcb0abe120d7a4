/* What people write out of habit, right elsewhere: where it stops the grammar, the message says
 * what to type here.
 *
 *     SELECT TOP 10 host FROM cpu       "TOP" was taken for a column, 10 does not fit behind it
 *            ^~~                        Write LIMIT 10 at the end.
 *
 * 1. A habit is known by the token that does not fit and the one or two before it.
 * 2. The first line of the table that fits is the hint: the narrow ones come first. */
#include "parser/grammar.h"
#include "parser/keyword.h"
#include "parser/parser.h"
#include "parser/syntax_stand.h"

#include <string.h>

/* A pattern of a token is a word or sign, in any case, or one of these; NULL takes every token. */
#define START "<start>"
#define NUMBER "<number>"
#define STRING "<string>"
#define NAME "<name>"
#define UNIT "<unit>"

typedef struct habit {
    const char *earlier, *before, *token;
    bool blames_before;
    const char *hint;
} habit;

#define NO_CHANGES "Streams are read and appended to: weir has INSERT INTO, no UPDATE and DELETE."
#define NO_SETS "weir has UNION ALL only."
#define REGEXP "Write regexp_like(text, 'pattern')."
#define JOB "What is kept up to date is a job: CREATE JOB name AS INSERT INTO sink SELECT …"
#define BLOCK "Several INSERTs run as one job: CREATE JOB name AS BEGIN INSERT …; INSERT …; END"
#define NO_SCHEMAS "weir has no catalogs and schemas: a stream is found by its name alone."
#define LEAVE_OUT "Leave this word out: a declaration lasts as long as the session."
#define ANEW "CREATE OR REPLACE declares it anew."
#define LIMIT_ROWS "Write LIMIT and the number at the end of the query."
#define WINDOW_WORD "WINDOW is missing before it: FROM s WINDOW TUMBLING 5 MINUTES."
#define WINDOW_CLAUSE "A window is a clause: FROM s WINDOW TUMBLING 5 MINUTES GROUP BY …"
#define QUOTED_INTERVAL "An interval's number is quoted: INTERVAL '5' MINUTE."
#define BETWEEN_AND "Write BETWEEN low AND high."

static const habit habits[] = {
    /* other statements */
    {NULL, START, "UPDATE", false, NO_CHANGES},
    {NULL, START, "DELETE", false, NO_CHANGES},
    {NULL, START, "MERGE", false, NO_CHANGES},
    {NULL, START, "UPSERT", false, NO_CHANGES},
    {NULL, START, "TRUNCATE", false, NO_CHANGES},
    {NULL, START, "FROM", false, "Begin with SELECT: SELECT … FROM …"},
    {NULL, START, "USE", false, NO_SCHEMAS},
    {NULL, START, "PRAGMA", false, "Settings are SET name = value; SHOW SETTINGS lists them."},
    {NULL, START, "PRINT", false, "Write SELECT * FROM kafka('topic')."},
    {NULL, START, "LIST", false, "Write SHOW: SHOW STREAMS."},
    {NULL, START, "DESC", false, "did you mean DESCRIBE?"},
    {NULL, START, "TERMINATE", false, "A job is stopped by the command  weir stop NAME."},
    {NULL, START, "COPY", false, "Write INSERT INTO file('path') SELECT …"},
    {NULL, START, "BEGIN", false, BLOCK},
    {NULL, START, "EXECUTE", false, BLOCK},
    {NULL, START, "COMMIT", false, "There are no transactions: a job commits by itself."},
    {NULL, START, "ROLLBACK", false, "There are no transactions: a job commits by itself."},
    {NULL, "CREATE", "SOURCE", false, "Write CREATE STREAM."},
    {NULL, "CREATE", "SINK", false,
     "Write INSERT INTO kafka('topic') SELECT …, or INSERT INTO a declared stream."},
    {NULL, "CREATE", "MATERIALIZED", false, JOB},
    {NULL, "CREATE", "INDEX", false, "Streams have no indexes."},
    {NULL, "CREATE", "DATABASE", false, NO_SCHEMAS},
    {NULL, "CREATE", "SCHEMA", false, NO_SCHEMAS},
    {NULL, "CREATE", "CATALOG", false, NO_SCHEMAS},
    {NULL, "CREATE", "FUNCTION", false,
     "Functions are added by a program, with weir_create_scalar of weir.h."},
    {NULL, NULL, "TEMPORARY", false, LEAVE_OUT},
    {NULL, NULL, "TEMP", false, LEAVE_OUT},
    {NULL, "CREATE", "EXTERNAL", false, LEAVE_OUT},
    {NULL, "CREATE", NAME, false, "Say what it is: CREATE STREAM, CREATE VIEW, CREATE JOB."},
    {NULL, "DROP", NAME, false, "Say what it is: DROP STREAM, DROP VIEW."},
    {NULL, "ALTER", "TABLE", false, ANEW},
    {NULL, "ALTER", "STREAM", false, ANEW},
    {NULL, "ALTER", "VIEW", false, ANEW},
    {NULL, "INSERT", "OR", false, "Write INSERT INTO; a sink with key = column replaces rows."},
    {NULL, "INSERT", "OVERWRITE", false, "Write INSERT INTO file('path', mode = 'overwrite')."},
    {NULL, "INSERT", NAME, false, "INTO is missing: INSERT INTO."},
    {"INSERT", "INTO", "TABLE", false, "Leave TABLE out: INSERT INTO name SELECT …"},
    {NULL, "EXPLAIN", "ANALYZE", false,
     "EXPLAIN shows the plan; weir status NAME shows the figures of a running job."},
    {NULL, NULL, "PARTITIONED", false, "The topic has the partitions; a stream has none to say."},
    {NULL, "SET", STRING, false, "A setting has no quotes; SHOW SETTINGS lists them."},
    {NULL, NULL, "KEY", false, "The key of messages: id BIGINT METADATA FROM '_key'."},
    {NULL, START, ".", false, "Write SHOW STREAMS, or DESCRIBE name."},
    /* other clauses */
    {NULL, "LATERAL", NULL, true, "A query in FROM cannot use columns to its left."},
    {"FETCH", "FIRST", NUMBER, false, LIMIT_ROWS},
    {NULL, "FETCH", "FIRST", true, LIMIT_ROWS},
    {NULL, "FETCH", "NEXT", true, LIMIT_ROWS},
    {NULL, "TOP", NUMBER, true, LIMIT_ROWS},
    {"LIMIT", NUMBER, ",", false, "Write LIMIT count OFFSET start."},
    {"(", "PARTITION", "BY", true, "PARTITION BY stands in OVER (…) only."},
    {NULL, "PARTITION", "BY", true,
     "Rows go to partitions by the key of the sink: INSERT INTO kafka('t', key = host)."},
    {NULL, "DISTINCT", "ON", false, "Write GROUP BY, with first(…) or last(…) of other columns."},
    {NULL, "RETURNING", NULL, true, "INSERT returns no rows."},
    {NULL, "*", "EXCEPT", false, "Name the columns that you want."},
    {NULL, "*", "EXCLUDE", false, "Name the columns that you want."},
    {NULL, "*", "REPLACE", false, "Name the columns that you want."},
    {NULL, "UNION", NULL, false,
     "weir has UNION ALL only; SELECT DISTINCT over it removes duplicates."},
    {NULL, "INTERSECT", "SELECT", true, NO_SETS},
    {NULL, "EXCEPT", "SELECT", true, NO_SETS},
    {NULL, "MINUS", "SELECT", true, NO_SETS},
    {NULL, "FROM", STRING, false, "A topic is kafka('name'), a file is file('path')."},
    {NULL, "FROM", "SELECT", false, "A query in FROM stands in parentheses: FROM (SELECT …)."},
    {"FROM", NAME, ".", false, NO_SCHEMAS},
    {"FROM", NAME, "-", false,
     "A name with a - in it takes double quotes; a topic is kafka('name')."},
    /* windows */
    {NULL, "WINDOW", "TUMBLE", false, "did you mean TUMBLING?"},
    {NULL, "WINDOW", "HOP", false, "did you mean HOPPING?"},
    {NULL, "WINDOW", "SLIDE", false, "did you mean SLIDING?"},
    {NULL, "TUMBLING", NUMBER, true, WINDOW_WORD},
    {NULL, "HOPPING", NUMBER, true, WINDOW_WORD},
    {NULL, "SESSION", NUMBER, true, WINDOW_WORD},
    {NULL, "SLIDING", NUMBER, true, WINDOW_WORD},
    {NULL, UNIT, "SLIDE", false, "Write ADVANCE BY."},
    {NULL, "SELECT", "WINDOW", false, WINDOW_CLAUSE},
    {NULL, "BY", "WINDOW", false, WINDOW_CLAUSE},
    {NULL, ",", "WINDOW", false, WINDOW_CLAUSE},
    {NULL, NULL, "WATERMARK", false, "WATERMARK FOR stands behind its source, before all clauses."},
    /* expressions */
    {NULL, "INTERVAL", NUMBER, false, QUOTED_INTERVAL},
    {NULL, NUMBER, UNIT, false, QUOTED_INTERVAL},
    {NULL, NULL, "RLIKE", false, REGEXP},
    {NULL, NULL, "REGEXP", false, REGEXP},
    {NULL, NULL, "SIMILAR", false, REGEXP},
    {NULL, NULL, "GLOB", false, "Write LIKE, with % for any text and _ for one character."},
    {NULL, "<=", ">", false, "Write IS NOT DISTINCT FROM."},
    {NULL, "<", "=", false, "A sign of two characters has no space inside."},
    {NULL, ">", "=", false, "A sign of two characters has no space inside."},
    {NULL, "<", ">", false, "A sign of two characters has no space inside."},
    {NULL, "NOT", "NULL", false, "Write IS NOT NULL."},
    {"IS", "NOT", NULL, false, "IS NOT stands before NULL, TRUE or FALSE; other values take <>."},
    {NULL, "IS", NULL, false, "IS stands before NULL, TRUE or FALSE; other values take =."},
    {NULL, "IN", STRING, false, "The values stand in parentheses: IN ('a', 'b')."},
    {NULL, "IN", NUMBER, false, "The values stand in parentheses: IN (1, 2)."},
    {"BETWEEN", NULL, ",", false, BETWEEN_AND},
    {"BETWEEN", NULL, "TO", false, BETWEEN_AND},
    {"ELSE", "IF", NULL, true, "Write another WHEN … THEN … instead of ELSE IF."},
    {NULL, NULL, "[", false, "Names take double quotes; a list of values is ARRAY[…]."},
};

enum { HABIT_COUNT = sizeof habits / sizeof *habits };

static bool
token_is_name(const wr_syntax_stand *stand, wr_token token)
{
    char first = token.length > 0 ? stand->p->sql.data[token.position] : '\0';
    return first == '"' || first == '_' || (first >= 'a' && first <= 'z') ||
           (first >= 'A' && first <= 'Z');
}

static bool
token_is(const wr_syntax_stand *stand, wr_token token, const char *pattern)
{
    wr_text text = wr_token_text(stand->p->sql, token);
    if (pattern == NULL) {
        return true;
    }
    if (strcmp(pattern, START) == 0) {
        return token.length == 0;
    }
    if (strcmp(pattern, NUMBER) == 0) {
        return token.kind == TK_NUMBER;
    }
    if (strcmp(pattern, STRING) == 0) {
        return token.kind == TK_STRING;
    }
    if (strcmp(pattern, NAME) == 0) {
        return token_is_name(stand, token);
    }
    if (strcmp(pattern, UNIT) == 0) {
        return wr_unit_find(text) != NULL;
    }
    return wr_text_equal_nocase(text, wr_text_from(pattern));
}

const char *
wr_syntax_habit(const wr_syntax_stand *stand, bool by_word, bool *blames_before)
{
    for (int i = 0; i < HABIT_COUNT; i++) {
        const habit *h = &habits[i];
        bool is_wide = h->token == NULL || strcmp(h->token, NAME) == 0;
        if (is_wide != by_word && token_is(stand, stand->token, h->token) &&
            token_is(stand, stand->before, h->before) &&
            token_is(stand, stand->earlier, h->earlier)) {
            *blames_before = h->blames_before;
            return h->hint;
        }
    }
    return NULL;
}

/* ── slips of the hand ── */

/* A clause that came too late, or a comma, parenthesis or operator that is not there. */
static const char *
sign_hint(const wr_syntax_stand *stand)
{
    int kind = stand->token.kind;
    bool ended = kind == WR_TOKEN_END || kind == TK_SEMI;
    bool clause = kind == TK_FROM || kind == TK_WHERE || kind == TK_GROUP || kind == TK_HAVING ||
                  kind == TK_WINDOW || kind == TK_ORDER || kind == TK_LIMIT || kind == TK_EMIT;
    if (kind == TK_RP && stand->before.kind != TK_COMMA && wr_syntax_accepts(stand, TK_SEMI)) {
        return "No parenthesis is open here.";
    }
    if ((ended || clause) && wr_syntax_accepts(stand, TK_END)) {
        return "CASE ends with END.";
    }
    if ((ended || clause || kind == TK_COMMA) && wr_syntax_accepts(stand, TK_RP)) {
        return "A closing parenthesis may be missing before it.";
    }
    if (stand->before.kind == TK_COMMA) {
        return "There may be a comma too many before it.";
    }
    if (kind == TK_FROM && wr_syntax_accepts(stand, TK_HAVING)) {
        return "FROM stands before WINDOW, WHERE and GROUP BY.";
    }
    if (clause && wr_syntax_accepts(stand, TK_EMIT)) {
        return "WINDOW, WHERE, GROUP BY and HAVING stand before ORDER BY, LIMIT and EMIT.";
    }
    bool operand = kind == TK_NUMBER || kind == TK_STRING ||
                   (token_is_name(stand, stand->token) && !wr_keyword_is_reserved(kind));
    if (operand && wr_syntax_accepts(stand, TK_COMMA)) {
        return "A comma may be missing before it.";
    }
    return operand && wr_syntax_accepts(stand, TK_AND) ? "AND or OR may be missing before it."
                                                       : NULL;
}

static const char *
word_hint(const wr_syntax_stand *stand)
{
    wr_text before = wr_token_text(stand->p->sql, stand->before);
    bool touches = stand->before.position + stand->before.length == stand->token.position;
    if (stand->token.kind == TK_AS && wr_syntax_accepts(stand, TK_LP) &&
        wr_syntax_accepts(stand, TK_WITH)) {
        return "CREATE VIEW … AS names a query, CREATE JOB … AS INSERT INTO … runs one.";
    }
    if (stand->token.kind == TK_SLASH && stand->after.kind == TK_SLASH) {
        return "Comments begin with -- or stand between /* and */.";
    }
    if (stand->before.kind == TK_STRING && stand->token.length > 0 && touches) {
        return "A quote inside a string is doubled: 'it''s'.";
    }
    if (stand->token.kind == TK_ID && stand->p->sql.data[stand->token.position] == '"' &&
        wr_syntax_accepts(stand, TK_STRING)) {
        return "Strings take single quotes: '…'; double quotes are for names.";
    }
    if (stand->token.length == 0 && wr_text_equal_nocase(before, WR_TEXT("END"))) {
        return "Each INSERT of a job ends with a semicolon, the last one too.";
    }
    if (stand->token.kind == TK_RP && stand->before.kind == TK_LP &&
        wr_syntax_accepts(stand, TK_WATERMARK)) {
        return "Without columns, which are learned then, there are no parentheses.";
    }
    bool column = stand->token.kind == TK_COMMA || stand->token.kind == TK_RP;
    if (column && wr_syntax_accepts(stand, TK_AS) && !wr_syntax_accepts(stand, TK_COMMA) &&
        wr_syntax_accepts(stand, TK_ID)) {
        return "A column needs its type, as in  host TEXT.";
    }
    return NULL;
}

const char *
wr_syntax_slip(const wr_syntax_stand *stand)
{
    const char *hint = word_hint(stand);
    return hint != NULL ? hint : sign_hint(stand);
}
