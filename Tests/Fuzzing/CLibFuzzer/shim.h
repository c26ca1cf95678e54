// libFuzzer as a library (llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"). No header declares it.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*testOneInput)(const uint8_t *data, size_t size));
