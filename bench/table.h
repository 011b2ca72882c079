/* A table for eyes: a label, then one right-aligned cell per column. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { TABLE_COLUMNS_MAX = 4, TABLE_CELL_MAX = 40 };

typedef struct {
    size_t columns;
    char cell[TABLE_COLUMNS_MAX][TABLE_CELL_MAX]; /* of the row in the making */
} table_t;

/* Fill in the cells of a row, then print it. Text too long for a cell is cut. */
void table_text(table_t *table, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));
void table_count(table_t *table, size_t column, uint64_t number); /* 1234567 as 1 234 567 */
void table_bytes(table_t *table, size_t column, uint64_t bytes);  /* as 1.2 MiB */
void table_row(table_t *table, const char *label);

/* A line of its own above a group of rows. */
void table_head(const char *title);

#endif
