/* Other people's cases, read from where they stand: JSONTestSuite and csv-spectrum under
 * $WEIR_SHARED/conformance (else ../shared). Absent: skipped with a message.
 *
 * 1. y_ gives no bad row, n_ gives no row, i_ may do either; nothing crashes. All of it holds for
 *    messages, for chunks, and whatever columns are wanted. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *
shared_path(char *out, size_t size, const char *inner)
{
    const char *root = getenv("WEIR_SHARED");
    (void)snprintf(out, size, "%s/conformance/%s", root ? root : "../shared", inner);
    return out;
}

static DIR *
open_or_skip(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    return folder;
}

/* The file's bytes in `buffer`. */
static void
file_read(wr_buffer *buffer, const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    wr_buffer_reset(buffer);
    size_t got;
    do {
        got = fread(wr_buffer_reserve(buffer, 65536), 1, 65536, file);
        buffer->size += got;
    } while (got > 0);
    (void)fclose(file);
}

static void
json_case(const char *name, const wr_buffer *text, const char *columns)
{
    decoded out;
    decode_bytes(&out, "json", columns, text->data ? text->data : "", text->size);
    if (name[0] == 'y' && out.bad_count != 0) {
        fail_msg("%s was refused: %s", name, out.bad_rows);
    }
    if (name[0] == 'n' && (out.row_count != 0 || out.bad_count != 1)) {
        fail_msg("%s was accepted", name);
    }
    decoded_free(&out);
}

static void
json_test_suite(void **state)
{
    (void)state;
    char path[1024];
    DIR *folder = open_or_skip(shared_path(path, sizeof path, "json_test_suite/test_parsing"));
    wr_buffer text;
    wr_buffer_init(&text);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        count++;
        file_read(&text, path, entry->d_name);
        json_case(entry->d_name, &text, "v JSON");
        json_case(entry->d_name, &text, "a JSON, b.c JSON, v JSON");
        json_case(entry->d_name, &text, "nowhere BIGINT");
    }
    (void)closedir(folder);
    wr_buffer_fini(&text);
    print_message("%d files\n", count);
    assert_true(count > 300);
}

/* test_transform has no expected answers: nothing may crash. */
static void
json_transform_suite(void **state)
{
    (void)state;
    char path[1024];
    DIR *folder = open_or_skip(shared_path(path, sizeof path, "json_test_suite/test_transform"));
    wr_buffer text;
    wr_buffer_init(&text);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            decoded out;
            file_read(&text, path, entry->d_name);
            decode_bytes(&out, "json", "a TEXT, v DOUBLE", text.data, text.size);
            decoded_free(&out);
        }
    }
    (void)closedir(folder);
    wr_buffer_fini(&text);
}

/* Rows of a CSV file as the JSON array that the suite has of it: through our own decoder. */
static void
csv_pair(const char *csv_folder, const char *json_folder, const char *stem)
{
    char name[512];
    wr_buffer csv, json;
    wr_buffer_init(&csv);
    wr_buffer_init(&json);
    (void)snprintf(name, sizeof name, "%s.csv", stem);
    file_read(&csv, csv_folder, name);
    (void)snprintf(name, sizeof name, "%s.json", stem);
    file_read(&json, json_folder, name);
    decode_job csv_job, json_job;
    decoded from_csv, from_json;
    decoded_reset(&from_csv);
    decoded_reset(&from_json);
    job_init(&csv_job, "");
    job_init(&json_job, "");
    wr_block chunk = helper_chunk(csv_job.arena, csv.data, csv.size);
    wr_learned learned;
    assert_int_equal(wr_learn(csv_job.arena, &chunk, 1, wr_format_find(WR_TEXT("csv")),
                              (wr_options){0}, true, &learned, NULL),
                     WR_OK);
    for (int i = 0; i < learned.schema.count; i++) {
        csv_job.columns[i] =
            (wr_decode_column){.path = &learned.schema.columns[i].name, 1, WR_TYPE(TEXT)};
        json_job.columns[i] = csv_job.columns[i];
    }
    csv_job.spec.columns = csv_job.columns;
    csv_job.spec.declared = learned.schema;
    csv_job.spec.column_count = learned.schema.count;
    json_job.spec.columns = json_job.columns;
    json_job.spec.column_count = learned.schema.count;
    wr_message message = {.data = helper_padded(json_job.arena, json.data, json.size),
                          .size = json.size};
    wr_block block = {.kind = WR_BLOCK_MESSAGES, .messages = &message, .message_count = 1};
    helper_decode(&from_csv, &csv_job, "csv", &chunk, 1);
    helper_decode(&from_json, &json_job, "json", &block, 1);
    assert_int_equal(from_csv.bad_count, 0);
    assert_int_equal(from_json.bad_count, 0);
    wr_buffer plain; /* empty fields are NULL to us and "" to the suite */
    wr_buffer_init(&plain);
    for (const char *at = from_csv.rows; *at;) {
        bool is_null = strncmp(at, "NULL", 4) == 0;
        at += is_null ? 4 : 0;
        if (*at) {
            wr_buffer_char(&plain, *at++);
        }
    }
    assert_string_equal(wr_buffer_cstr(&plain), from_json.rows);
    wr_buffer_fini(&plain);
    decoded_free(&from_csv);
    decoded_free(&from_json);
    wr_arena_free(csv_job.arena);
    wr_arena_free(json_job.arena);
    wr_buffer_fini(&csv);
    wr_buffer_fini(&json);
}

static void
csv_spectrum(void **state)
{
    (void)state;
    char csv_path[1024], json_path[1024];
    DIR *folder = open_or_skip(shared_path(csv_path, sizeof csv_path, "csv_spectrum/csvs"));
    (void)shared_path(json_path, sizeof json_path, "csv_spectrum/json");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char stem[256];
        (void)snprintf(stem, sizeof stem, "%s", entry->d_name);
        char *dot = strrchr(stem, '.');
        /* location_coordinates is wrong upstream: its JSON has other data than its CSV */
        if (dot && strcmp(dot, ".csv") == 0 && strstr(stem, "location_coordinates") == NULL) {
            *dot = '\0';
            csv_pair(csv_path, json_path, stem);
            count++;
        }
    }
    (void)closedir(folder);
    assert_int_equal(count, 11);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_test_suite),
        cmocka_unit_test(json_transform_suite),
        cmocka_unit_test(csv_spectrum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
