/// The templates, the style sheet, the script and the icon, compiled into the binary, so that it needs no resource files.
#ifndef VOUCHSAFE_PAGE_ASSETS_H
#define VOUCHSAFE_PAGE_ASSETS_H

#include <stddef.h>

/// One embedded file. The bytes live as long as the process and end without a NUL.
struct page_asset {
    /// Its path below this folder: `templates/overview.mustache`, `icon.svg`, `style.css`.
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t count;
};

/// How many files are embedded.
size_t page_asset_count(void);

/// The embedded file at `index`, which must be less than the count.
struct page_asset page_asset_at(size_t index);

#endif
