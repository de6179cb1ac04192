// By C23's #embed, as the pages' files are. The rules stand at the top of the project, where people look for them.
#include "OwnRules.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char accounts[] = {
#embed "../../rules/accounts.yml"
};
static const unsigned char collection[] = {
#embed "../../rules/collection.yml"
};
static const unsigned char logs[] = {
#embed "../../rules/logs.yml"
};
static const unsigned char ssh[] = {
#embed "../../rules/ssh.yml"
};
static const unsigned char web[] = {
#embed "../../rules/web.yml"
};

static const own_rule_file files[] = {
    {"accounts.yml", accounts, sizeof accounts},
    {"collection.yml", collection, sizeof collection},
    {"logs.yml", logs, sizeof logs},
    {"ssh.yml", ssh, sizeof ssh},
    {"web.yml", web, sizeof web},
};

size_t own_rule_file_count(void) { return sizeof files / sizeof files[0]; }
own_rule_file own_rule_file_at(size_t index) { return files[index]; }
