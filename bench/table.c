#include "table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_WIDTH = 38, CELL_WIDTH = 20 };

void table_text(table_t *table, size_t column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(table->cell[column], TABLE_CELL_MAX, format, args);
    va_end(args);
}

void table_count(table_t *table, size_t column, uint64_t number)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *out = table->cell[column];
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *out++ = ' ';
        *out++ = digits[i];
    }
    *out = '\0';
}

void table_bytes(table_t *table, size_t column, uint64_t bytes)
{
    static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) {
        table_text(table, column, "%" PRIu64 " B", bytes);
        return;
    }
    double scaled = (double)bytes / 1024;
    size_t u = 0;
    for (; scaled >= 1024 && u + 1 < sizeof unit / sizeof *unit; u++)
        scaled /= 1024;
    table_text(table, column, "%.1f %s", scaled, unit[u]);
}

void table_row(table_t *table, const char *label)
{
    printf("  %-*s", LABEL_WIDTH, label);
    for (size_t c = 0; c < table->columns; c++)
        printf("%*s", CELL_WIDTH, table->cell[c]);
    putchar('\n');
    memset(table->cell, 0, sizeof table->cell);
}

void table_head(const char *title)
{
    printf("%s\n", title);
}
