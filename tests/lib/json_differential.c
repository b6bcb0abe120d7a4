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

/* A text to decode, and what it gives alone. */
typedef struct sample {
    wr_text text;
    const decoded *alone;
} sample;

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

/* The columns are read once and the arena is taken again: a fuzzer comes here a thousand times a
 * second. */
static void
job_take(decode_job *job)
{
    static decode_job kept;
    static const char *columns_kept;
    if (columns_kept != columns_asked) {
        wr_arena_free(kept.arena);
        job_init(&kept, columns_asked);
        columns_kept = columns_asked;
    }
    *job = kept;
    job->arena = helper_arena_take();
    job->spec.columns = job->columns;
    job->spec.options.items = job->options;
    job->spec.declared.columns = job->declared;
    job->spec.derive_context = job;
}

static void
block_decode(decoded *out, decode_job *job, const wr_block *block)
{
    decoded_reset(out);
    helper_decode(out, job, "json", block, 1);
}

static sample
sample_decode(wr_text text, decoded *alone)
{
    decode_job job;
    job_take(&job);
    wr_message message = {.data = helper_padded(job.arena, text.data, text.size),
                          .size = text.size};
    block_decode(alone, &job, &(wr_block){.kind = WR_BLOCK_MESSAGES, .messages = &message,
                                          .message_count = 1});
    helper_arena_give(job.arena);
    return (sample){text, alone};
}

/* All of `order` through one decoder, against what each gives alone. */
static bool
order_agrees(const char *what, const sample *order, int count, wr_text record)
{
    wr_message messages[ORDER_MAX] = {{0}};
    decode_job job;
    decoded out;
    answer expected;
    answer_init(&expected);
    job_take(&job);
    for (int i = 0; i < count; i++) {
        wr_text text = order[i].text;
        answer_add(&expected, order[i].alone);
        messages[i].data = helper_padded(job.arena, text.data, text.size);
        messages[i].size = text.size;
    }
    block_decode(&out, &job, &(wr_block){.kind = WR_BLOCK_MESSAGES, .messages = messages,
                                         .message_count = count});
    bool good = agree(what, record, &expected, &out);
    answer_fini(&expected);
    decoded_free(&out);
    helper_arena_give(job.arena);
    return good;
}

/* Seed, teacher, record, record, seed: the way records are predicted depends on those before. */
static bool
predicted_agrees(sample seed, sample teacher, sample record)
{
    const sample order[] = {seed, teacher, record, record, seed};
    return order_agrees("prediction", order, sizeof order / sizeof *order, record.text);
}

/* After so many records of which none was like another, shapes are hardly tried any more. Of these
 * no column has a value, so all of them give the same. */
static bool
by_keys_agrees(sample seed, sample record)
{
    sample order[ORDER_MAX];
    char strangers[STRANGERS][32];
    decoded alone;
    int count = 0;
    order[count++] = seed;
    for (int i = 0; i < STRANGERS; i++) {
        snprintf(strangers[i], sizeof strangers[i], "{\"s%02d\":1}", i);
        order[count++] = (sample){wr_text_from(strangers[i]), &alone};
    }
    (void)sample_decode(order[1].text, &alone);
    order[count++] = record;
    order[count++] = record;
    order[count++] = seed;
    bool good = order_agrees("by keys", order, count, record.text);
    decoded_free(&alone);
    return good;
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
widened_agrees(sample seed, sample record)
{
    wr_buffer relative;
    decoded alone;
    wr_buffer_init(&relative);
    relative_make(&relative, seed.text);
    sample teacher = sample_decode((wr_text){relative.data, relative.size}, &alone);
    bool good = predicted_agrees(seed, teacher, record);
    decoded_free(&alone);
    wr_buffer_fini(&relative);
    return good;
}

static bool
is_blank(wr_text line)
{
    bool blank = true;
    for (size_t i = 0; i < line.size; i++) {
        blank &= line.data[i] == ' ' || line.data[i] == '\t' || line.data[i] == '\r';
    }
    return blank;
}

/* What a line gives alone, which is known if it is one of the samples. */
static void
line_alone(answer *all, wr_text line, const sample *samples, int count)
{
    for (int i = 0; i < count; i++) {
        if (wr_text_equal(line, samples[i].text)) {
            answer_add(all, samples[i].alone);
            return;
        }
    }
    decoded alone;
    (void)sample_decode(line, &alone);
    answer_add(all, &alone);
    decoded_free(&alone);
}

/* What the lines of `text` give, each alone; blank ones give nothing. */
static void
lines_alone(answer *all, wr_text text, const sample *samples, int count)
{
    while (text.size > 0) {
        const char *newline = memchr(text.data, '\n', text.size);
        size_t size = newline ? (size_t)(newline - text.data) : text.size;
        size_t whole = size + (newline != NULL);
        size -= size > 0 && text.data[size - 1] == '\r';
        wr_text line = {text.data, size};
        if (!is_blank(line)) {
            line_alone(all, line, samples, count);
        }
        text = (wr_text){text.data + whole, text.size - whole};
    }
}

static bool
chunk_agrees(sample seed, sample record)
{
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_text(&text, seed.text);
    wr_buffer_char(&text, '\n');
    wr_buffer_text(&text, record.text);
    wr_buffer_text(&text, WR_TEXT("\r\n"));
    wr_buffer_text(&text, seed.text);
    decode_job job;
    decoded out;
    job_take(&job);
    wr_block block = helper_chunk(job.arena, text.data, text.size);
    block.chunk_first = false; /* no byte order mark is passed over */
    block_decode(&out, &job, &block);
    answer expected;
    answer_init(&expected);
    lines_alone(&expected, (wr_text){text.data, text.size}, (const sample[]){seed, record}, 2);
    bool good = agree("chunk", record.text, &expected, &out);
    answer_fini(&expected);
    decoded_free(&out);
    helper_arena_give(job.arena);
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
ways_agree(wr_text seed_text, sample record)
{
    decoded alone;
    sample seed = sample_decode(seed_text, &alone);
    bool good = predicted_agrees(seed, seed, record) && widened_agrees(seed, record) &&
                by_keys_agrees(seed, record) && chunk_agrees(seed, record);
    decoded_free(&alone);
    return good;
}

bool
json_differential(const char *seed, size_t seed_size, const char *record, size_t record_size)
{
    columns_asked = JSON_ORACLE_COLUMNS;
    decoded alone;
    sample asked = sample_decode((wr_text){record, record_size}, &alone);
    bool good = oracle_agrees(asked.text, &alone) &&
                ways_agree((wr_text){seed, seed_size}, asked);
    decoded_free(&alone);
    return good;
}

bool
json_differential_paths(const char *seed, size_t seed_size, const char *record, size_t record_size)
{
    decoded whole, paths;
    columns_asked = JSON_PATH_COLUMNS;
    decode_bytes(&whole, "json", "a JSON", record, record_size);
    sample asked = sample_decode((wr_text){record, record_size}, &paths);
    bool good = whole.bad_count == paths.bad_count && whole.row_count == paths.row_count;
    if (!good) {
        (void)report("paths", record, record_size, &whole.text, &paths.text);
    }
    good = good && ways_agree((wr_text){seed, seed_size}, asked);
    decoded_free(&whole);
    decoded_free(&paths);
    return good;
}
