/* The tokens that the grammar reads. Some words are keywords only next to others (LATE before DATA,
 * SECRET after =, the IN of position( … )). A grammar with one token of lookahead cannot see that;
 * this window of a few tokens can. */
#ifndef WEIR_PARSER_TOKEN_STREAM_H
#define WEIR_PARSER_TOKEN_STREAM_H

#include "parser/token.h"

enum { WR_STREAM_AHEAD = 2, WR_STREAM_DEPTH_MAX = 256 };

typedef struct wr_token_stream {
    wr_text sql;
    wr_token current;                 /* given out last, as the grammar sees it */
    wr_token before[2];               /* the two before it, newest first */
    wr_token ahead[WR_STREAM_AHEAD];  /* raw */
    int depth;                        /* of open ( [ and CASE */
    uint8_t open[WR_STREAM_DEPTH_MAX + 2]; /* '(' '[' 'C', 'P' for position( */
    bool in_block;                    /* between BEGIN and END of a job */
} wr_token_stream;

void wr_token_stream_init(wr_token_stream *stream, wr_text sql, int position);

/* The next token, with the kind that the grammar shall see; it stays in `current`. When depth is
 * above WR_STREAM_DEPTH_MAX, the caller must stop. */
wr_token wr_token_stream_next(wr_token_stream *stream);

#endif
