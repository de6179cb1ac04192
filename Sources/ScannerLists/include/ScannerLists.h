/// The lists that others keep and that judging a site needs, compiled in so that a scan needs no files; `scripts/update-lists`
/// brings them up to date. The bytes live as long as the process and end without a NUL.
#ifndef VOUCHSAFE_SCANNER_LISTS_H
#define VOUCHSAFE_SCANNER_LISTS_H

#include <stddef.h>

/// Hosts that browsers visit over HTTPS only, one a line, in the order of their bytes.
const unsigned char *_Nonnull scanner_list_hsts_preload(void);
/// How many bytes that list has.
size_t scanner_list_hsts_preload_count(void);

/// The Public Suffix List in its own format.
const unsigned char *_Nonnull scanner_list_public_suffixes(void);
/// How many bytes that list has.
size_t scanner_list_public_suffixes_count(void);

#endif
