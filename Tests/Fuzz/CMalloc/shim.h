// What glibc's malloc has given out and not got back: Swift's Glibc module does not show <malloc.h>.
#include <malloc.h>

static inline size_t bytesAllocated(void) {
    struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}
