/* A descriptor of the kernel that event loops wait for. None of these is a cancellation point, unlike read, write and
 * close: a thread that is to be cancelled finishes its push before it ends. */
#ifndef CC_BASE_EVENTFD_H
#define CC_BASE_EVENTFD_H

int cc__eventfd_create(void);   /* not readable; -errno */
void cc__eventfd_set(int fd);   /* readable */
void cc__eventfd_clear(int fd); /* not readable */
void cc__eventfd_close(int fd);

#endif
