/* Parser and planner on sentences of the dialect's grammar, whole and broken: the bytes of the
 * input are choices, so that a fuzzer mutates sentences instead of letters.
 *
 *     bytes 3 0 7 …    "core" → SELECT items FROM src …, "items" → item, …     a list of words
 *     more bytes       a word left out, doubled, exchanged for any other       mistakes
 *
 * 1. Where the input is at its end, every choice is the first one: sentences end.
 * 2. A sentence that parses prints to something that parses to the same. */
#include "parser/parser.h"
#include "planner/planner.h"
#include "tests/lib/plan_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 600, DEPTH_MAX = 9, SENTENCES_MAX = 4 };

/* A rule and its alternatives, separated by |; what is no rule's name is a word of SQL. The first
 * alternative leads to no recursion. */
static const struct {
    const char *name, *alternatives;
} rules[] = {
    {"stmt", "query|query|query|query|insert|create|other"},
    {"insert", "INSERT INTO sink query|INSERT INTO sink ( host , v ) query"},
    {"sink", "out|null ( )|file ( 'x.jsonl' )|kafka ( 't' )|kafka ( 't' , key = host )|stdout ( )|"
             "file ( 'x.csv' , format = 'csv' , mode = 'append' )|busy|cpu"},
    {"create", "CREATE VIEW vw AS query|CREATE OR REPLACE VIEW vw AS query|CREATE STREAM vw ( cols "
               ") WITH ( connector = 'kafka' , topic = 't' )|CREATE STREAM IF NOT EXISTS vw ( cols "
               ") WITH ( connector = 'host' )|CREATE TABLE vw ( cols , PRIMARY KEY ( k ) ) WITH ( "
               "connector = 'kafka' , topic = 't' )|CREATE JOB jb AS insert|CREATE JOB jb WITH ( "
               "state_ttl = '1 d' ) AS BEGIN insert ; insert ; END"},
    {"cols", "col|col , cols|col , WATERMARK FOR expr|col , WATERMARK FOR ts AS expr|"
             "col , WATERMARK FOR ts DELAY dur"},
    {"col", "ts TIMESTAMP|k type|k type NOT NULL|m AS expr|k TEXT METADATA FROM '_key'|v DOUBLE"},
    {"type", "BIGINT|DOUBLE|TEXT|BOOLEAN|TIMESTAMP|JSON|INTERVAL|BYTES|INT|VARCHAR ( 5 )|"
             "DECIMAL ( 10 , 2 )|ARRAY < type >|STRUCT < a type , b type >|DATE|TIMESTAMP ( 3 )"},
    {"other",
     "EXPLAIN query|EXPLAIN STATE insert|DROP VIEW busy|DROP STREAM IF EXISTS vw|SET lanes "
     "= 2|SET memory_limit = '1 GB'|RESET lanes|SHOW STREAMS|DESCRIBE cpu|ASSERT ROWS ( "
     "query ) VALUES ( expr )|ASSERT ERROR 'E0203' FOR query|REPLAY DEAD LETTERS jb WHERE "
     "expr|ADVANCE WATERMARK cpu TO expr"},
    {"query", "core|core tails|WITH c AS ( query ) core tails|core UNION ALL core tails|"
              "core UNION ALL ( query )|WITH c ( a , b ) AS ( query ) , d AS ( query ) core"},
    {"tails", "LIMIT 5|ORDER BY sorts|ORDER BY sorts LIMIT expr OFFSET 2|EMIT CHANGES|EMIT FINAL|"
              "EMIT EVERY dur|EMIT EVERY dur AND FINAL|EMIT FINAL FILL NULL|LATE DATA DROP|"
              "LATE DATA TO null ( )|LATE DATA FAIL|ORDER BY sorts EMIT FINAL LATE DATA FAIL"},
    {"sorts", "expr|expr DESC|expr ASC NULLS FIRST , sorts|1|2 DESC"},
    {"core", "SELECT items from|SELECT items from|SELECT DISTINCT items from|SELECT items from "
             "clauses|SELECT items from clauses|SELECT items|VALUES rows"},
    {"rows", "( expr )|( expr , expr ) , ( expr , expr )|( expr ) , rows"},
    {"items", "item|item , items|item , item , item"},
    {"item", "host|*|expr|expr AS a|expr b|agg|agg AS a|agg , window_start , window_end|t . *|"
             "expr . *|agg + expr|over"},
    {"over", "row_number ( ) OVER ( PARTITION BY host ORDER BY ts )|sum ( v ) OVER ( ORDER BY ts "
             "ROWS BETWEEN 5 PRECEDING AND CURRENT ROW )|lag ( v ) OVER ( PARTITION BY expr ORDER "
             "BY ts RANGE dur PRECEDING )"},
    {"from", "FROM cpu|FROM src|FROM src|FROM src join"},
    {"join", "JOIN src ON expr|, src|LEFT JOIN src WITHIN dur ON expr|CROSS JOIN src|"
             "FULL OUTER JOIN src USING ( host )|JOIN src FOR SYSTEM_TIME AS OF ts ON expr"},
    {"src", "cpu|h|busy|c|cpu t|cpu AS t ( a , b )|( query ) t|( query ) AS t ( a , b )|"
            "( VALUES rows ) AS t|kafka ( 'x' )|kafka ( 'x' , format = 'json' ) watermark|"
            "file ( 'f.csv' , columns = 'host TEXT, v DOUBLE' )|generate ( rows = 5 )|h watermark|"
            "TUMBLE ( TABLE cpu , DESCRIPTOR ( ts ) , INTERVAL '5' MINUTE )|HOP ( TABLE cpu , "
            "DESCRIPTOR ( ts ) , INTERVAL '1' MINUTE , INTERVAL '5' MINUTE ) t|vw|stdin ( )|"
            "TABLE ( SESSION ( TABLE cpu PARTITION BY host , DESCRIPTOR ( ts ) , INTERVAL '5' "
            "MINUTE ) )|nope"},
    {"watermark", "WATERMARK FOR ts|WATERMARK FOR expr|WATERMARK FOR at DELAY dur|WATERMARK FOR v "
                  "AS expr IDLE TIMEOUT dur"},
    {"clauses", "where|where group|window group|window where group|where window group having|"
                "window|group having|window group having qualify"},
    {"where", "WHERE expr"},
    {"having", "HAVING expr|HAVING agg > expr"},
    {"qualify", "QUALIFY row_number ( ) OVER ( PARTITION BY host ORDER BY ts ) < 3"},
    {"group", "GROUP BY host|GROUP BY groups"},
    {"groups", "expr|host , groups|window_start , window_end , expr|1|GROUPING SETS ( ( host ) , ( "
               ") )|ROLLUP ( host , ok )|CUBE ( host , n )"},
    {"window",
     "WINDOW TUMBLING dur|WINDOW HOPPING dur ADVANCE BY dur|WINDOW TUMBLING ( SIZE dur , "
     "GRACE PERIOD dur )|WINDOW SESSION dur|WINDOW SLIDING dur|WINDOW CUMULATE dur STEP "
     "dur|WINDOW COUNT 5 ROWS|WINDOW HOPPING ( dur , ADVANCE BY dur , OFFSET dur )|WINDOW "
     "TUMBLING ( 1 DAY , IN TIME ZONE 'Europe/Berlin' )|WINDOW TUMBLING dur RETENTION dur"},
    {"dur", "5 MINUTES|10 s|INTERVAL '1' HOUR|'PT5M'|0 SECONDS|1 MONTH|7 DAYS|1 WEEK|1 us|"
            "99999999999 YEARS|1.5 h|INTERVAL '2 d'"},
    {"agg", "count ( * )|avg ( expr )|sum ( expr )|min ( expr )|max ( expr )|count ( DISTINCT expr "
            ")|sum ( expr ) FILTER ( WHERE expr )|string_agg ( host , ',' )|first ( expr )|last ( "
            "expr )|median ( v )|min_by ( host , v )|approx_top_k ( host , 3 )|stddev ( expr )|"
            "array_agg ( expr ORDER BY expr )|percentile_cont ( 0.5 ) WITHIN GROUP ( ORDER BY v )|"
            "any_value ( expr )|corr ( v , n )|approx_count_distinct ( expr )|json_agg ( expr )"},
    {"expr",
     "v|host|n|ok|ts|p|literal|literal|t . host|p . a . b|p [ 'a' ]|p -> 'a'|expr op expr|"
     "expr op expr|NOT expr|- expr|expr IS NULL|expr IS NOT TRUE|expr IN ( expr , expr )|expr "
     "BETWEEN expr AND expr|expr LIKE 'a%'|expr NOT ILIKE expr ESCAPE '!'|call|call|( expr )|"
     "CASE WHEN expr THEN expr ELSE expr END|CASE expr WHEN expr THEN expr END|CAST ( expr "
     "AS type )|TRY_CAST ( expr AS type )|expr :: type|agg|expr AT TIME ZONE 'UTC'|EXTRACT ( "
     "hour FROM expr )|expr IS DISTINCT FROM expr|( query )|EXISTS ( query )|expr IN ( query "
     ")|ARRAY [ expr ]|?|:x|window_start|a|_key|nope"},
    {"literal", "1|0|-5|1.5|'x'|''|NULL|TRUE|FALSE|'2026-01-01'|9223372036854775807|1e308|"
                "99999999999999999999|INTERVAL '5' MINUTE|TIMESTAMP '2026-01-01 00:00:00'|"
                "DATE '2026-01-01'|DECIMAL '1.5'|'[1,{\"a\":2}]'|0.0|'5 minutes'"},
    {"op", "+|-|*|/|%|=|<>|<|>=|AND|OR|\\|\\||->|->>|="},
    {"call",
     "abs ( expr )|upper ( expr )|coalesce ( expr , expr )|round ( expr , expr )|substr ( expr "
     ", 1 , 2 )|now ( )|to_timestamp ( expr , 'ms' )|date_trunc ( 'hour' , expr )|length ( "
     "expr )|nullif ( expr , expr )|greatest ( expr , expr )|json_value ( p , '$.a' )|concat "
     "( expr , expr )|position ( 'a' IN host )|trim ( BOTH 'x' FROM host )|if ( expr , expr , "
     "expr )|regexp_like ( host , expr )|date_add ( ts , INTERVAL '1' DAY )|json_object ( "
     "'k' , expr )|repeat ( host , expr )|epoch_ms ( expr )|nope ( expr )|sqrt ( expr )|ln ( "
     "expr )|power ( expr , expr )|lpad ( host , expr , expr )|split ( host , expr )"},
};

enum { RULE_COUNT = sizeof rules / sizeof *rules };

/* The input as a stream of choices. */
typedef struct choices {
    const uint8_t *data;
    size_t left;
} choices;

static int
choose(choices *input, int count)
{
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->data++ % count;
}

typedef struct sentence {
    wr_text words[WORDS_MAX];
    int count;
} sentence;

static int
rule_find(wr_text name)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        if (wr_text_equal(name, wr_text_from(rules[i].name))) {
            return i;
        }
    }
    return -1;
}

/* Does an alternative end at this byte? The operator || is written \|\|. */
static bool
alternative_ends(const char *at)
{
    return *at == '\0' || (*at == '|' && at[-1] != '\\');
}

static wr_text
alternative_at(const char *alternatives, int index)
{
    const char *start = alternatives;
    for (const char *at = alternatives;; at++) {
        if (alternative_ends(at)) {
            if (index-- == 0 || *at == '\0') {
                return (wr_text){start, (size_t)(at - start)};
            }
            start = at + 1;
        }
    }
}

static int
alternative_count(const char *alternatives)
{
    int count = 1;
    for (const char *at = alternatives + 1; *at != '\0'; at++) {
        count += alternative_ends(at);
    }
    return count;
}

/* Takes the first word off a text; false: there is none. */
static bool
word_take(wr_text *text, wr_text *word)
{
    *text = wr_text_trim(*text);
    size_t size = 0;
    bool quoted = false;
    while (size < text->size && (quoted || text->data[size] != ' ')) {
        quoted ^= text->data[size++] == '\'';
    }
    *word = (wr_text){text->data, size};
    *text = (wr_text){text->data + size, text->size - size};
    return size > 0;
}

/* No deeper than DEPTH_MAX. */
static void
expand(choices *input, wr_text name, int depth, sentence *out)
{
    int rule = rule_find(name);
    if (rule < 0) {
        bool is_join = wr_text_equal(name, WR_TEXT("\\|\\|"));
        if (out->count < WORDS_MAX) {
            out->words[out->count++] = is_join ? WR_TEXT("||") : name;
        }
        return;
    }
    int count = alternative_count(rules[rule].alternatives);
    int index = depth < DEPTH_MAX ? choose(input, count) : 0;
    wr_text rest = alternative_at(rules[rule].alternatives, index), word;
    while (word_take(&rest, &word)) {
        expand(input, word, depth + 1, out);
    }
}

/* Leaves out, doubles or exchanges words. */
static void
mistakes_make(choices *input, sentence *s)
{
    for (int i = choose(input, 8); i > 4 && s->count > 1; i--) {
        int at = (choose(input, 256) * 256 + choose(input, 256)) % s->count;
        int other = (choose(input, 256) * 256 + choose(input, 256)) % s->count;
        switch (choose(input, 3)) {
        case 0:
            memmove(s->words + at, s->words + at + 1,
                    (size_t)(s->count - at - 1) * sizeof *s->words);
            s->count--;
            break;
        case 1: s->words[at] = s->words[other]; break;
        default:
            if (s->count < WORDS_MAX) {
                s->words[s->count++] = s->words[at];
            }
        }
    }
}

static void
sentence_print(const sentence *s, wr_buffer *out)
{
    for (int i = 0; i < s->count; i++) {
        wr_buffer_text(out, s->words[i]);
        wr_buffer_char(out, i + 1 < s->count ? ' ' : ';');
    }
}

static void
round_trip_fail(wr_text sql, const wr_buffer *printed)
{
    (void)fprintf(stderr, "%.*s\nis printed as\n%.*s\n", WR_TEXT_ARG(sql), (int)printed->size,
                  printed->data);
    abort();
}

static void
round_trip(wr_text sql)
{
    wr_arena *arena = wr_arena_new(0);
    wr_ast_statement *first = NULL, *second = NULL;
    wr_error err;
    size_t consumed;
    if (wr_parse_statement(arena, sql, &consumed, &first, &err) == WR_OK && first != NULL) {
        wr_buffer once, twice;
        wr_buffer_init(&once);
        wr_buffer_init(&twice);
        wr_ast_print_statement(first, &once);
        wr_status again =
            wr_parse_statement(arena, (wr_text){once.data, once.size}, &consumed, &second, &err);
        if (again != WR_OK) {
            round_trip_fail(sql, &once);
        }
        wr_ast_print_statement(second, &twice);
        if (once.size != twice.size || memcmp(once.data, twice.data, once.size) != 0) {
            round_trip_fail(sql, &once);
        }
        wr_buffer_fini(&once);
        wr_buffer_fini(&twice);
    }
    wr_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    choices input = {data, size};
    wr_buffer sql;
    wr_buffer_init(&sql);
    for (int i = 0; i < SENTENCES_MAX && (i == 0 || input.left > 0); i++) {
        size_t start = sql.size;
        sentence s = {.count = 0};
        expand(&input, WR_TEXT("stmt"), 0, &s);
        mistakes_make(&input, &s);
        sentence_print(&s, &sql);
        round_trip((wr_text){sql.data + start, sql.size - start});
    }
    if (getenv("WEIR_SHOW")) {
        (void)fwrite(sql.data, 1, sql.size, stdout);
        (void)fputc('\n', stdout);
    }
    plan_text((wr_text){sql.data, sql.size});
    wr_buffer_fini(&sql);
    return 0;
}
