#include <cc/cc.h>
#include <stdio.h>

int main(void)
{
    cc_skiplist_t *map;
    if (cc_skiplist_create(NULL, NULL, &map) != 0)
        return 1;
    cc_skiplist_put(map, CC_BYTES("answer"), "42", NULL);
    void *value;
    if (cc_skiplist_get(map, CC_BYTES("answer"), &value) == 0)
        printf("the answer is %s, of %zu\n", (char *)value, cc_skiplist_count(map));
    cc_skiplist_destroy(map);
    return 0;
}
