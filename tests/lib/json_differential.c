/* Compares the ways to decode a JSON record, for the mutation test and the fuzzer.
 *
 *   alone        a fresh decoder: nothing to predict from, so the strict way
 *   predicted    seed, seed, record, record, seed through one decoder
 *   widened      the same with a relative of the seed, whose values are longer, in the second place
 *   by keys      seed, records none like another until shapes are given up, record, record, seed
 *   chunk        seed↵record↵seed↵ as a file's bytes
 *
 * 1. predicted, widened, by keys = what each gives alone, to the byte of each error.
 * 2. chunk = the same for each line of the record. */
#include "tests/lib/json_differential.h"

#include "connectors/connector.h"
#include "tests/lib/json_oracle.h"
#include "tests/unit/formats_helper.h"

enum { STRANGERS = 34, ORDER_MAX = STRANGERS + 4 };

static const char *columns_asked;

typedef struct answer {
    wr_buffer rows, bad;
} answer;

static void
answer_init(answer *all)
{
    wr_buffer_init(&all->rows);
    wr_buffer_init(&all->bad);
}

static void
answer_fini(answer *all)
{
    wr_buffer_fini(&all->rows);
    wr_buffer_fini(&all->bad);
}

static void
answer_add(answer *all, const decoded *part)
{
    wr_buffer_append(&all->rows, part->text.data, part->text.size);
    wr_buffer_append(&all->bad, part->bad.data, part->bad.size);
}

static bool
buffers_equal(const wr_buffer *a, const wr_buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static bool
report(const char *what, const char *record, size_t size, wr_buffer *expected, wr_buffer *got)
{
    fprintf(stderr, "%s differs for %zu bytes: %.*s\nexpected:\n%s\ngot:\n%s\n", what, size,
            (int)size, record, wr_buffer_cstr(expected), wr_buffer_cstr(got));
    return false;
}

static bool
agree(const char *what, wr_text record, answer *expected, decoded *got)
{
    if (!buffers_equal(&expected->rows, &got->text)) {
        return report(what, record.data, record.size, &expected->rows, &got->text);
    }
    if (!buffers_equal(&expected->bad, &got->bad)) {
        return report(what, record.data, record.size, &expected->bad, &got->bad);
    }
    return true;
}

/* All of `order` through one decoder, against what each gives alone; the second one and those
 * behind it, `alike` in all, give the same. */
static bool
order_agrees(const wr_text *order, int count, int alike, wr_text record)
{
    wr_message messages[ORDER_MAX] = {{0}};
    decode_job job;
    decoded out;
    answer expected;
    decoded_reset(&out);
    answer_init(&expected);
    job_init(&job, columns_asked);
    for (int i = 0; i < count; i++) {
        decoded alone;
        int times = i == 1 ? alike : i > 1 && i <= alike ? 0 : 1;
        if (times > 0) {
            decode_bytes(&alone, "json", columns_asked, order[i].data, order[i].size);
            for (int k = 0; k < times; k++) {
                answer_add(&expected, &alone);
            }
            decoded_free(&alone);
        }
        messages[i].data = helper_padded(job.arena, order[i].data, order[i].size);
        messages[i].size = order[i].size;
    }
    wr_block block = {.kind = WR_BLOCK_MESSAGES, .messages = messages, .message_count = count};
    helper_decode(&out, &job, "json", &block, 1);
    bool good = agree(alike > 1 ? "by keys" : "prediction", record, &expected, &out);
    answer_fini(&expected);
    decoded_free(&out);
    wr_arena_free(job.arena);
    return good;
}

/* Seed, teacher, record, record, seed: the way records are predicted depends on those before. */
static bool
predicted_agrees(wr_text seed, wr_text teacher, wr_text record)
{
    const wr_text order[] = {seed, teacher, record, record, seed};
    return order_agrees(order, sizeof order / sizeof *order, 1, record);
}

/* After so many records of which none was like another, shapes are hardly tried any more. */
static bool
by_keys_agrees(wr_text seed, wr_text record)
{
    wr_text order[ORDER_MAX];
    char strangers[STRANGERS][32];
    int count = 0;
    order[count++] = seed;
    for (int i = 0; i < STRANGERS; i++) {
        snprintf(strangers[i], sizeof strangers[i], "{\"s%02d\":1}", i);
        order[count++] = wr_text_from(strangers[i]);
    }
    order[count++] = record;
    order[count++] = record;
    order[count++] = seed;
    return order_agrees(order, count, STRANGERS, record);
}

/* The seed with longer values: a digit more behind each number, a byte more in each text. Of an
 * odd seed it is just some other record. */
static void
relative_make(wr_buffer *relative, wr_text seed)
{
    for (size_t i = 0; i < seed.size; i++) {
        char c = seed.data[i], next = i + 1 < seed.size ? seed.data[i + 1] : '\0';
        bool ends = next == ',' || next == '}' || next == ']' || next == ' ' || next == '\0';
        if (c == '"' && ends) {
            wr_buffer_char(relative, 'x');
        }
        wr_buffer_char(relative, c);
        if (c >= '0' && c <= '9' && ends) {
            wr_buffer_char(relative, '1');
        }
    }
}

static bool
widened_agrees(wr_text seed, wr_text record)
{
    wr_buffer relative;
    wr_buffer_init(&relative);
    relative_make(&relative, seed);
    bool good = predicted_agrees(seed, (wr_text){relative.data, relative.size}, record);
    wr_buffer_fini(&relative);
    return good;
}

/* What the lines of `text` give, each alone; blank ones give nothing. */
static void
lines_alone(answer *all, wr_text text)
{
    while (text.size > 0) {
        const char *newline = memchr(text.data, '\n', text.size);
        size_t size = newline ? (size_t)(newline - text.data) : text.size;
        size_t whole = size + (newline != NULL);
        size -= size > 0 && text.data[size - 1] == '\r';
        bool is_blank = true;
        for (size_t i = 0; i < size; i++) {
            is_blank &= text.data[i] == ' ' || text.data[i] == '\t' || text.data[i] == '\r';
        }
        if (!is_blank) {
            decoded out;
            decode_bytes(&out, "json", columns_asked, text.data, size);
            answer_add(all, &out);
            decoded_free(&out);
        }
        text = (wr_text){text.data + whole, text.size - whole};
    }
}

static bool
chunk_agrees(wr_text seed, wr_text record)
{
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_text(&text, seed);
    wr_buffer_char(&text, '\n');
    wr_buffer_text(&text, record);
    wr_buffer_text(&text, WR_TEXT("\r\n"));
    wr_buffer_text(&text, seed);
    decode_job job;
    decoded out;
    decoded_reset(&out);
    job_init(&job, columns_asked);
    wr_block block = helper_chunk(job.arena, text.data, text.size);
    block.chunk_first = false; /* no byte order mark is passed over */
    helper_decode(&out, &job, "json", &block, 1);
    answer expected;
    answer_init(&expected);
    lines_alone(&expected, (wr_text){text.data, text.size});
    bool good = agree("chunk", record, &expected, &out);
    answer_fini(&expected);
    decoded_free(&out);
    wr_arena_free(job.arena);
    wr_buffer_fini(&text);
    return good;
}

static bool
oracle_agrees(wr_text record, decoded *alone)
{
    static char rows[1 << 16];
    int bad_count;
    json_verdict verdict = json_oracle(record.data, record.size, rows, sizeof rows, &bad_count);
    wr_buffer expected = {rows, strlen(rows), 0};
    if (verdict == JSON_NO_OPINION) {
        return true;
    }
    if (verdict == JSON_REFUSED) {
        expected.size = 0;
        bad_count = 1;
    }
    bool has_nul = verdict == JSON_ACCEPTED &&
                   memchr(wr_buffer_cstr(&alone->text), '\0', alone->text.size) != NULL;
    bool same = has_nul || buffers_equal(&expected, &alone->text);
    if (!same || bad_count != alone->bad_count) {
        wr_buffer copy;
        wr_buffer_init(&copy);
        wr_buffer_printf(&copy, "%s(%d bad)", expected.size ? rows : "", bad_count);
        (void)report("the oracle", record.data, record.size, &copy, &alone->text);
        wr_buffer_fini(&copy);
        return false;
    }
    return true;
}

/* Alone is what predicted, by keys and in a chunk must be. */
static bool
ways_agree(wr_text seed, wr_text record)
{
    return predicted_agrees(seed, seed, record) && widened_agrees(seed, record) &&
           by_keys_agrees(seed, record) && chunk_agrees(seed, record);
}

bool
json_differential(const char *seed, size_t seed_size, const char *record, size_t record_size)
{
    columns_asked = JSON_ORACLE_COLUMNS;
    wr_text text = {record, record_size};
    decoded alone;
    decode_bytes(&alone, "json", columns_asked, record, record_size);
    bool good = oracle_agrees(text, &alone) && ways_agree((wr_text){seed, seed_size}, text);
    decoded_free(&alone);
    return good;
}

bool
json_differential_paths(const char *seed, size_t seed_size, const char *record, size_t record_size)
{
    columns_asked = JSON_PATH_COLUMNS;
    wr_text text = {record, record_size};
    decoded whole, paths;
    decode_bytes(&whole, "json", "a JSON", record, record_size);
    decode_bytes(&paths, "json", columns_asked, record, record_size);
    bool good = whole.bad_count == paths.bad_count && whole.row_count == paths.row_count;
    if (!good) {
        (void)report("paths", record, record_size, &whole.text, &paths.text);
    }
    decoded_free(&whole);
    decoded_free(&paths);
    return good && ways_agree((wr_text){seed, seed_size}, text);
}
