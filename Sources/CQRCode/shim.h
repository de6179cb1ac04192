#pragma once

#include <dlfcn.h>
#include <stddef.h>
#include <qrencode.h>

// libqrencode is found when a picture is asked for, not when the program starts: the same program is the agent on laptops
// and the verifier in empty containers, which have neither the library nor a use for it.
typedef struct {
    __typeof__(QRcode_encodeData) *_Nonnull encode;
    __typeof__(QRcode_free) *_Nonnull free;
} QRCodeFunctions;

// Finds libqrencode and its functions. Returns what is missing, or a null pointer if nothing is.
static inline const char *_Nullable vouchsafe_load_qrencode(QRCodeFunctions *_Nonnull functions) {
    void *library = dlopen("libqrencode.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) { return "libqrencode.so.4"; }
    void *encode = dlsym(library, "QRcode_encodeData");
    if (encode == NULL) { return "QRcode_encodeData"; }
    void *free = dlsym(library, "QRcode_free");
    if (free == NULL) { return "QRcode_free"; }
    functions->encode = (__typeof__(QRcode_encodeData) *)encode;
    functions->free = (__typeof__(QRcode_free) *)free;
    return NULL;
}
