/* The parser that lemon makes of grammar.y, as parse.c drives it. */
#ifndef WEIR_PARSER_GRAMMAR_STATE_H
#define WEIR_PARSER_GRAMMAR_STATE_H

#include "parser/build.h"

enum { WR_GRAMMAR_STACK = 4096 };

void *wr_grammarAlloc(void *(*allocate)(size_t size_bytes), wr_parser *p);
void wr_grammarFree(void *parser, void (*release)(void *block));
/* One token; kind 0 ends the input. */
void wr_grammar(void *parser, int kind, wr_token token);

/* Would the parser take these token kinds next, each as itself? Its state stays as it is. */
bool wr_grammar_accepts(const void *parser, const int *tokens, int count);

/* Called by the parser: its stack is full. */
void wr_grammar_overflow(wr_parser *p);

/* Fills p->err for the syntax error that was found at `bad`: what came, what was expected, what was
 * probably meant. Parses the text from `start` once more; `first` is fed before it when not 0. */
void wr_syntax_error_explain(wr_parser *p, int first, int start, wr_token bad);

#endif
