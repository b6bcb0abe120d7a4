/* Heap, arenas and buffers. */
#include "core/arena.h"
#include "core/buffer.h"
#include "core/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
blocks_are_zeroed_and_counted(void **state)
{
    (void)state;
    size_t before = wr_alloc_count();
    char *block = wr_alloc_array(10, 10);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(block[i], 0);
    }
    wr_free(block);
    wr_free(NULL);
    char *copy = wr_strndup("host", 2);
    assert_string_equal(copy, "ho");
    wr_free(copy);
    assert_int_equal(wr_alloc_count(), before + 2);
}

static void
a_list_grows_and_keeps_its_items(void **state)
{
    (void)state;
    int *items = NULL, count = 0, capacity = 0;
    size_t before = wr_alloc_count();
    for (; count < 1000; count++) {
        items = wr_grow(items, count, &capacity, sizeof *items);
        assert_true(capacity > count);
        items[count] = count;
    }
    for (int i = 0; i < count; i++) {
        assert_int_equal(items[i], i);
    }
    assert_true(wr_alloc_count() - before <= 10); /* doubling */
    wr_free(items);
}

static void
arena_blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(256);
    char *blocks[200];
    for (int i = 0; i < 200; i++) {
        size_t size = (size_t)(i * 7 % 300);
        blocks[i] = i % 2 ? wr_arena_zalloc(arena, size) : wr_arena_bytes(arena, size);
        if (i % 2) {
            assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        }
        memset(blocks[i], i, size);
    }
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < i * 7 % 300; j++) {
            assert_int_equal((unsigned char)blocks[i][j], i);
        }
    }
    volatile char padding = wr_arena_bytes(arena, 1000)[1000 + 63];
    (void)padding;
    wr_arena_free(arena);
    wr_arena_free(NULL);
}

static void
arena_reset_reuses_its_chunks(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    size_t allocs = 0;
    for (int round = 0; round < 5; round++) {
        allocs = round == 2 ? wr_alloc_count() : allocs;
        for (int i = 0; i < 100; i++) {
            wr_arena_alloc(arena, 5000);
        }
        wr_arena_bytes(arena, 300000);
        assert_true(wr_arena_used_bytes(arena) >= 800000);
        assert_true(wr_arena_held_bytes(arena) >= wr_arena_used_bytes(arena));
        wr_arena_reset(arena);
        assert_int_equal(wr_arena_used_bytes(arena), 0);
    }
    assert_int_equal(wr_alloc_count(), allocs);
    wr_arena_alloc(arena, 100 << 20);
    wr_arena_reset(arena);
    assert_true(wr_arena_held_bytes(arena) < (size_t)32 << 20);
    wr_arena_free(arena);
}

static void
arena_texts_are_terminated(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(16);
    wr_text text = wr_arena_printf(arena, "%s-%d", "server", 42);
    assert_int_equal(text.size, 9);
    assert_string_equal(text.data, "server-42");
    assert_string_equal(wr_arena_text(arena, WR_TEXT("abc")).data, "abc");
    assert_string_equal(wr_arena_strndup(arena, NULL, 0), "");
    wr_arena_free(arena);
}

static void
buffer_grows(void **state)
{
    (void)state;
    wr_buffer buffer;
    wr_buffer_init(&buffer);
    assert_string_equal(wr_buffer_cstr(&buffer), "");
    for (int i = 0; i < 1000; i++) {
        wr_buffer_printf(&buffer, "%03d", i);
        wr_buffer_char(&buffer, ',');
    }
    wr_buffer_text(&buffer, WR_TEXT("end"));
    wr_buffer_append(&buffer, NULL, 0);
    assert_int_equal(buffer.size, 4003);
    assert_memory_equal(buffer.data + 4 * 999, "999,end", 7);
    wr_buffer_reset(&buffer);
    assert_string_equal(wr_buffer_cstr(&buffer), "");
    wr_buffer_fini(&buffer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_counted),
        cmocka_unit_test(a_list_grows_and_keeps_its_items),
        cmocka_unit_test(arena_blocks_are_aligned_and_apart),
        cmocka_unit_test(arena_reset_reuses_its_chunks),
        cmocka_unit_test(arena_texts_are_terminated),
        cmocka_unit_test(buffer_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
