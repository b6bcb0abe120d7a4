/* The conversions that libstdc++ does best, for core/number.c alone. */
#ifndef WEIR_CORE_CHARCONV_SHIM_H
#define WEIR_CORE_CHARCONV_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads "1", "1.5e3", "-0.1" (no plus sign, no inf, no nan) from [data, data + size); correctly
 * rounded. Returns the bytes read, 0: no number. Too large gives ±inf, too small ±0. */
size_t wr_charconv_parse(const char *data, size_t size, double *value);
/* The shortest text that reads back, in plain or exponent notation, of a finite value into `out`
 * (≥ 32 bytes); returns its size. */
size_t wr_charconv_print(double value, int plain, char *out);
/* With `precision` digits as printf's %f (letter 'f'), %e ('e') or %g ('g') have them, of a finite
 * value into `out` of `size` bytes; returns the text's size, 0: it does not fit. */
size_t wr_charconv_print_as(double value, char letter, int precision, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
