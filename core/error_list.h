/* Every error code: one line each, X(code, title, explanation). docs and `weir help E0203` read it.
 * E01 syntax, E02 names, E03 types, E04 meaning of clauses, E05 not built yet, E06 options and
 * settings, E07 the world (sources, sinks, files), E08 data, E09 limits and state. */
#ifndef WEIR_CORE_ERROR_LIST_H
#define WEIR_CORE_ERROR_LIST_H

#define WR_ERROR_LIST(X)                                                                           \
    X("E0101", "syntax error",                                                                     \
      "The text is no statement of the dialect; the caret shows the first word that is wrong.") \
    X("E0102", "unterminated string or comment",                                                   \
      "A quote or /* was opened and never closed.")                                                \
    X("E0103", "nested too deeply", "Expressions and queries nest at most 256 levels.")           \
    X("E0104", "clause twice or in the wrong place",                                               \
      "A clause may stand once in a query, and only where the grammar of docs/SQL.md has it.")     \
    X("E0105", "bad literal", "A number, string, duration or typed literal cannot be read.")       \
    X("E0106", "unknown character", "This character starts no token.")                            \
    X("E0201", "no such stream",                                                                   \
      "No stream, table, view or secret of this name is declared.")                                \
    X("E0202", "already exists",                                                                   \
      "A thing of this name is declared; use OR REPLACE or IF NOT EXISTS.")                        \
    X("E0203", "no such column", "The column is not in any source of this query.")                \
    X("E0204", "ambiguous column", "Several sources, or several spellings, have this name.")       \
    X("E0205", "no such function", "No scalar, aggregate or source function of this name.")       \
    X("E0206", "no such setting", "SET knows no setting of this name.")                            \
    X("E0207", "no such parameter", "A parameter was not given a value before start.")             \
    X("E0301", "wrong type", "An expression has a type that its place does not accept.")           \
    X("E0302", "no such overload", "The function does not accept arguments of these types.")       \
    X("E0303", "cannot cast", "There is no cast between these types.")                             \
    X("E0304", "constant expression fails", "A constant expression cannot be computed.")           \
    X("E0305", "wrong number of columns", "The two sides need the same number of columns.")        \
    X("E0401", "aggregate in the wrong place", "Aggregates stand in SELECT, HAVING and ORDER BY.") \
    X("E0402", "not grouped", "A column must stand in GROUP BY or inside an aggregate.")           \
    X("E0403", "no event time", "The window needs an event time: say WATERMARK FOR column.")       \
    X("E0404", "bad window", "The window's size, advance or options do not fit together.")         \
    X("E0405", "unbounded", "The query would need all of an endless input before it answers.")     \
    X("E0406", "sink refuses changes", "An append-only sink cannot take rows that change later.")  \
    X("E0407", "not constant", "This place needs a constant.")                                     \
    X("E0501", "not supported yet", "The statement is right, but this version cannot run it.")    \
    X("E0601", "unknown option", "The connector, format or statement has no such option.")         \
    X("E0602", "bad option value", "The option's value has the wrong type or is out of bounds.")   \
    X("E0603", "option missing", "The connector cannot work without this option.")                 \
    X("E0604", "option refused", "This option is refused because it would open a hole.")           \
    X("E0605", "secret without a value",                                                           \
      "The variable or file that the secret names is not there, is empty, or is no text.")         \
    X("E0701", "cannot reach the broker", "No Kafka broker answered at this address.")            \
    X("E0702", "no such topic", "The broker has no topic of this name.")                          \
    X("E0703", "cannot open", "A file cannot be opened or read.")                                 \
    X("E0704", "cannot write", "A sink refused bytes: disk full, no permission, broker error.")   \
    X("E0705", "offset out of range", "The wanted offset is no longer, or not yet, there.")       \
    X("E0706", "source failed", "A source stopped with an error that does not pass by itself.")    \
    X("E0801", "bad row", "A row cannot be decoded, cast or computed, and on_error = 'fail'.")     \
    X("E0802", "learned type does not fit",                                                        \
      "A number does not fit the type that was learned from the first rows; declare the stream.") \
    X("E0803", "late row", "A row came late, and LATE DATA FAIL was said.")                        \
    X("E0804", "nothing to learn from", "The input ended before one row could be understood.")    \
    X("E0901", "limit", "A limit on size, depth or count was passed.")                             \
    X("E0902", "misuse of the API", "A library function was called in the wrong order.")           \
    X("E0903", "internal error", "weir broke one of its own rules; please report this.")           \
    X("E0904", "state is damaged",                                                                 \
      "A checksum or a count in the state does not hold; restore a savepoint.")                    \
    X("E0905", "state of another job", "The directory holds the state of a job of another name.") \
    X("E0906", "no state", "There is no weir.db in this directory.")                               \
    X("E0907", "state in use", "Another process runs this job now.")                              \
    X("E0908", "not a state file", "The file is no state of weir.")                                \
    X("E0909", "state of a newer version", "A later version of weir has written this state.")     \
    X("E0910", "cannot write the state", "The disk is full, or refuses to write.")                 \
    X("E0911", "state and sink do not fit",                                                        \
      "The sink shows more than the state knows of, or was written by another job.")               \
    X("E0912", "state does not fit the query",                                                     \
      "The query has changed so that its saved state means something else.")                       \
    X("E0913", "not for a job", "A job needs an INSERT whose source can be read again.")           \
    X("E0914", "job is over", "The job has come to the end of its input and takes no more rows.")

#endif
