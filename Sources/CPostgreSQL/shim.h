#pragma once

#include <dlfcn.h>
#include <stddef.h>
#include <postgresql/libpq-fe.h>

// PostgreSQL's client library is found when a database needs it, not when the program starts: the same program is the
// agent on laptops and the verifier in empty containers, which have no PostgreSQL.
#define VOUCHSAFE_LIBPQ(each) \
    each(PQclear) \
    each(PQcmdStatus) \
    each(PQcmdTuples) \
    each(PQconninfoFree) \
    each(PQconninfoParse) \
    each(PQconnectdbParams) \
    each(PQconsumeInput) \
    each(PQenterPipelineMode) \
    each(PQerrorMessage) \
    each(PQexec) \
    each(PQfinish) \
    each(PQfreemem) \
    each(PQftype) \
    each(PQgetResult) \
    each(PQgetisnull) \
    each(PQgetlength) \
    each(PQgetvalue) \
    each(PQisBusy) \
    each(PQnfields) \
    each(PQntuples) \
    each(PQparameterStatus) \
    each(PQpipelineSync) \
    each(PQresultErrorField) \
    each(PQresultStatus) \
    each(PQsendPrepare) \
    each(PQsendQueryPrepared) \
    each(PQserverVersion) \
    each(PQsetNoticeProcessor) \
    each(PQsocket) \
    each(PQstatus) \
    each(PQtransactionStatus)

// The functions of libpq, each with the type that its header gives it.
typedef struct {
#define VOUCHSAFE_FIELD(name) __typeof__(name) *_Nonnull name;
    VOUCHSAFE_LIBPQ(VOUCHSAFE_FIELD)
#undef VOUCHSAFE_FIELD
} PostgreSQLFunctions;

// Finds libpq and its functions. Returns what is missing, or a null pointer if nothing is.
static inline const char *_Nullable vouchsafe_load_libpq(PostgreSQLFunctions *_Nonnull functions) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) { return "libpq.so.5"; }
#define VOUCHSAFE_LOAD(name) \
    { \
        void *found = dlsym(library, #name); \
        if (found == NULL) { return #name; } \
        functions->name = (__typeof__(name) *)found; \
    }
    VOUCHSAFE_LIBPQ(VOUCHSAFE_LOAD)
#undef VOUCHSAFE_LOAD
    return NULL;
}
