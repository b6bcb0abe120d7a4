/* CSV as RFC 4180 writes it, field by field. A quote opens only at the start of a field. */
#ifndef WEIR_CONNECTORS_FORMATS_CSV_SCAN_H
#define WEIR_CONNECTORS_FORMATS_CSV_SCAN_H

#include "connectors/connector.h"

typedef struct wr_csv_field {
    const char *data; /* without the quotes around it */
    size_t size;
    bool quoted;
    bool doubled; /* has "" inside: wr_csv_unquote gives its text */
} wr_csv_field;

typedef struct wr_csv_record {
    wr_csv_field *fields; /* [capacity], the caller's */
    int capacity;
    int count;         /* fields there are, stored or not */
    wr_text text;      /* without its line end */
    const char *next;  /* behind the line end */
    int newline_count; /* its own and those inside quotes */
    const char *fault; /* a quote that is not closed, or text behind a closing one; NULL: none */
} wr_csv_record;

extern const wr_option_spec wr_csv_options[];

/* What the options of the format say. */
typedef struct wr_csv_dialect {
    char delimiter;
    bool header;
    bool bare;         /* lines of the format text: a quote is a byte, no field is NULL */
    wr_text null_text; /* an unquoted field that equals it is NULL; "" is NULL in any case */
} wr_csv_dialect;

/* Reads checked options; E0602 when the delimiter is not one ASCII character other than a quote or
 * a line end. */
wr_status wr_csv_dialect_read(wr_options options, wr_csv_dialect *dialect, wr_error *err);

/* Reads the record at [at, end); at < end. */
void wr_csv_record_read(const char *at, const char *end, char delimiter, wr_csv_record *record);
/* Text of a field with doubled quotes made single, in `arena` if it has any. */
wr_text wr_csv_unquote(const wr_csv_field *field, wr_arena *arena);
bool wr_csv_is_null(const wr_csv_field *field, const wr_csv_dialect *dialect);
/* See wr_format_ops.cut. */
size_t wr_csv_cut(const char *data, size_t size, wr_options options);

#endif
