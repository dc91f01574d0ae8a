/* A connection to PostgreSQL by libpq whose every call has a time limit. Used by one thread at a time; after a
 * call that timed out or lost the connection it is good for nothing but to be freed. */
#ifndef POSTERN_POSTGRES_H
#define POSTERN_POSTGRES_H
#include <stdbool.h>
#include <stddef.h>

typedef struct postern_postgres postern_postgres;

typedef struct {
  char state[6];      /* SQLSTATE; "" when the server did not say it */
  char message[512];  /* for people; never what was copied */
  long line;          /* of the data that COPY could not take, from 1; 0: none */
} postern_postgres_error;

/* `settings` are names and values of libpq in turn, NULL at the end. NULL when it fails. */
postern_postgres *postern_postgres_connect(
    const char *const *settings, int timeout_ms, postern_postgres_error *error);
void postern_postgres_free(postern_postgres *);

/* Whether the server has closed it; asks the system only. */
bool postern_postgres_is_open(postern_postgres *);

/* Runs a statement with one parameter, or none (NULL). Gives the first value of the first row, to be freed; NULL when
 * there is none. */
bool postern_postgres_query(
    postern_postgres *, const char *sql, const char *parameter, int timeout_ms, char **value,
    postern_postgres_error *error);
/* Runs a COPY … FROM STDIN. Of `data` all was taken, or nothing. */
bool postern_postgres_copy(
    postern_postgres *, const char *sql, const char *data, size_t count, int timeout_ms,
    postern_postgres_error *error);
#endif
