// By C23's #embed, as the pages' files are.
#include "ScannerLists.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char hsts_preload[] = {
#embed "lists/hsts-preload.txt"
};
static const unsigned char public_suffixes[] = {
#embed "lists/public_suffix_list.dat"
};

const unsigned char *scanner_list_hsts_preload(void) { return hsts_preload; }
size_t scanner_list_hsts_preload_count(void) { return sizeof hsts_preload; }
const unsigned char *scanner_list_public_suffixes(void) { return public_suffixes; }
size_t scanner_list_public_suffixes_count(void) { return sizeof public_suffixes; }
