/* The real kustomize, watched by strace, on a tree in a folder of its own. */
#ifndef CATALYST_FUZZ_KUSTOMIZATION_WATCH_H
#define CATALYST_FUZZ_KUSTOMIZATION_WATCH_H

#include "wire/json.h"

/* Builds the tree {path: text} and aborts, with what was seen, when kustomize touched a file outside the tree's folder, asked for
 * a socket, or started a program or a process. The answer: whether it built it. */
bool kustomization_watch(const json_t *files);

#endif
