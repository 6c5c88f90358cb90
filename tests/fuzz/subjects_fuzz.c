/* Any text as a subject, as a row key, and as the parts of both. */
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "fuzz.h"
#include "wire/subjects.h"

static bool is_publishable(const char *subject)
{
    size_t length = strlen(subject);
    return length > 0 && subject[0] != '.' && subject[length - 1] != '.' && !strstr(subject, "..") &&
           !strpbrk(subject, " *>\t\r\n");
}

static void check_parts(const char *kind, const char *namespace, const char *name)
{
    char subject[CAT_SUBJECT_MAX], key[CAT_KEY_MAX];
    if (cat_subject_k8s("acme-dev", kind, "apps", namespace, name, subject, NULL) == 0) {
        CLAIM(is_publishable(subject));
        cat_subject parsed;
        CLAIM(cat_subject_parse(subject, &parsed, NULL) == 0 && parsed.what == CAT_SUBJECT_K8S);
    }
    if (cat_key_make(kind, namespace, name, key, NULL) == 0) {
        CLAIM(is_publishable(key));
        cat_key parsed;
        CLAIM(cat_key_parse(key, &parsed, NULL) == 0);
        CLAIM(strcmp(parsed.kind, kind) == 0 && strcmp(parsed.name, name) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1000)
        return 0;
    cat_autofree char *text = cat_strndup((const char *)data, size);
    cat_subject subject;
    if (cat_subject_parse(text, &subject, NULL) == 0)
        CLAIM(is_publishable(text) || strpbrk(text, " *>\t\r\n"));
    cat_key key;
    char again[CAT_KEY_MAX];
    if (cat_key_parse(text, &key, NULL) == 0) {
        CLAIM(cat_key_make(key.kind, key.namespace, key.name, again, NULL) == 0);
        CLAIM(strcmp(again, text) == 0);
    }
    char *first = strchr(text, '|'), *second = first ? strchr(first + 1, '|') : NULL;
    if (second) {
        *first = *second = '\0';
        check_parts(text, first + 1, second + 1);
    }
    return 0;
}
