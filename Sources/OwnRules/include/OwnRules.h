/// Our own Sigma rules, compiled in so that a server watches logs from its first minute. The bytes live as long as the process
/// and end without a NUL.
#ifndef VOUCHSAFE_OWN_RULES_H
#define VOUCHSAFE_OWN_RULES_H

#include <stddef.h>

/// A file of rules.
typedef struct {
    /// Its name.
    const char *_Nonnull name;
    /// What it holds.
    const unsigned char *_Nonnull bytes;
    /// How many bytes that are.
    size_t count;
} own_rule_file;

/// How many files there are.
size_t own_rule_file_count(void);
/// One of them, from 0.
own_rule_file own_rule_file_at(size_t index);

#endif
