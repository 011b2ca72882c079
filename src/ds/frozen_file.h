/* Images of frozen copies in files. */
#ifndef CC_DS_FROZEN_FILE_H
#define CC_DS_FROZEN_FILE_H

#include "ds/frozen_image.h"

/* 0, -ENOMEM, or a negative errno of the file system. */
int cc__frozen_write(const cc__frozen_t *f, const char *path);

/* Makes the image, whose checksum and sizes are right. 0, -EINVAL (not a regular file), -EBADMSG, -ENOTSUP, -ENOMEM, or a
 * negative errno of the file system. */
int cc__frozen_read(const char *path, cc__frozen_t *out);

#endif
