/* A test file as a list of records. tests/README.md describes the format. */
#ifndef WEIR_SLT_SCRIPT_H
#define WEIR_SLT_SCRIPT_H

#include "tests/slt/text.h"

enum { SLT_WORDS = 12 };

typedef struct slt_record {
    int line;               /* of its head, from 1 */
    char *head;             /* owns the words */
    char *words[SLT_WORDS]; /* "push" "cpu" "raw" "partition=1"; unused ones "" */
    int word_count;
    slt_lines body;     /* up to ---- or a blank line */
    slt_lines expected; /* behind ---- */
    bool has_expected;
    int separator_line; /* of ----; expected follows. 0: none */
    int end_line;       /* of the last line of the record */
} slt_record;

typedef struct slt_script {
    slt_record *records;
    int count;
    slt_lines lines; /* the whole file, for --bless */
} slt_script;

/* false: cannot be read (errno). */
bool slt_script_load(slt_script *script, const char *path);
void slt_script_fini(slt_script *script);

/* The value of "name=…" among the words, or NULL; whether the word is there. */
const char *slt_record_option(const slt_record *record, const char *name);
bool slt_record_has(const slt_record *record, const char *word);

#endif
